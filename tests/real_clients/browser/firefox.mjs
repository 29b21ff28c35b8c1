// Opens a chapter of the web site in Debian's Firefox, runs all of it, opens the next one, and says what was seen as JSON.
// usage: node firefox.mjs FIREFOX ADDRESS CHAPTER NEXT CODE
import { createRequire } from "node:module";
import path from "node:path";

const [firefox, address, chapter, next, code] = process.argv.slice(2);
const here = createRequire(path.join(process.env.ACRLAB_PUPPETEER, "package.json"));
const { default: puppeteer } = await import(here.resolve("puppeteer-core"));

const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true });
const away = [];

async function until(seen, what) {
  const end = Date.now() + 120000;
  while (!(await seen())) {
    if (Date.now() > end) throw new Error(`not within two minutes: ${what}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function opened(name) {
  const page = await browser.newPage();
  page.on("request", (asked) => asked.url().startsWith("http") && !asked.url().startsWith(new URL(address).origin) && away.push(asked.url()));
  await page.goto(`${address}lab/index.html?path=${name}.ipynb`);
  const status = () => page.evaluate(() => window.jupyterapp?.shell.currentWidget?.sessionContext?.kernelDisplayStatus || "");
  await until(async () => (await status()) === "idle", `the kernel of ${name} is ready`);
  return page;
}

try {
  const page = await opened(chapter);
  await page.evaluate(() => {
    window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    window.jupyterapp.commands.execute("notebook:run-all-cells");
    return 1;
  });
  const cells = () =>
    page.evaluate(() =>
      window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
        .filter((cell) => cell.cell_type === "code")
        .map((cell) => ({ id: cell.id, ran: cell.execution_count, outputs: cell.outputs })),
    );
  const failed = (all) => all.flatMap((cell) => cell.outputs).filter((output) => output.output_type === "error");
  await until(async () => (await cells()).every((cell) => cell.ran) || failed(await cells()).length, "all cells have run");
  await new Promise((done) => setTimeout(done, 1000));
  const ran = await cells();
  await page.close();
  const other = await opened(next);
  const said = await other.evaluate(async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const said = [];
    const asked = kernel.requestExecute({ code });
    asked.onIOPub = (message) => said.push(message.content.text || message.content.evalue || "");
    await asked.done;
    return said.join("");
  }, code);
  console.log(JSON.stringify({ cells: ran, said, away }));
} finally {
  await browser.close();
}

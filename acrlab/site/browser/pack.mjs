// Run by Node: repacks wheels with bytecode of exactly the Python that the site runs. Imports are then five times as fast.
// usage: node pack.mjs PYODIDE FROM TO
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, from, to] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(folder, "pyodide.mjs")).href);
const python = await loadPyodide();
for (const [at, root] of [["/from", from], ["/to", to]]) {
  python.FS.mkdir(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: path.resolve(root) }, at);
}
python.runPython(`
import importlib._bootstrap_external as bootstrap, importlib.util, pathlib, warnings, zipfile

warnings.simplefilter("ignore")
# Never imported here; typeshed alone is a third of everything.
UNUSED = ("/aio/", "/tests/", "/third_party/typeshed/", "/third_party/django-stubs/")
# Of the languages that Pygments colours, those that IPython asks for by name, and what they are made of.
LEXERS = {
    "__init__", "_css_builtins", "_lilypond_builtins", "_mapping", "_scheme_builtins", "css", "data", "html", "javascript",
    "jvm", "lilypond", "lisp", "markup", "perl", "python", "ruby", "shell", "special",
}
# Without docstrings, which nothing shows here.
SILENT = (
    "asttokens/", "azure/", "ecdsa/", "executing/", "jedi/", "jwt/", "micropip/", "packaging/", "parso/",
    "prompt_toolkit/", "psygnal/", "stack_data/", "wcwidth/",
)
WITH_SOURCE = ("acrlab-", "pyodide_kernel-", "piplite-", "ipykernel-", "widgetsnbextension-")  # what a traceback shows


def bytecode(source, name):
    # Unchecked: an archive and the browser's folders keep no times that could be compared.
    return bootstrap._code_to_hash_pyc(compile(source, name, "exec", dont_inherit=True, optimize=2 if name.startswith(SILENT) else 0), importlib.util.source_hash(source), False)


def beside(name):
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}__pycache__/{file[:-3]}.cpython-314.pyc"


def repack(wheel, target):
    own = wheel.name.startswith(WITH_SOURCE)
    with zipfile.ZipFile(wheel) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in given.namelist():
            if name.endswith("/") or ".data/" in name or name.endswith((".pyi", ".js.map", "RECORD")):
                continue
            if not own and any(part in "/" + name for part in UNUSED):
                continue
            if name.startswith("pygments/lexers/") and pathlib.PurePath(name).stem not in LEXERS:
                continue
            content = given.read(name)
            code = None
            if name.endswith(".py") and ".dist-info/" not in name:
                try:
                    code = bytecode(content, name)
                except SyntaxError:  # templates and examples of other Pythons
                    code = None
            if code is None or own:
                packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
            if code is not None:
                packed.writestr(zipfile.ZipInfo(beside(name) if own else name + "c"), code, zipfile.ZIP_DEFLATED, 9)


for wheel in sorted(pathlib.Path("/from").glob("*.whl")):
    repack(wheel, pathlib.Path("/to") / wheel.name)
`);
process.exit(0);

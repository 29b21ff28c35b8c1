"""The course as a web site: JupyterLite and Pyodide, so that a browser is all that a reader needs."""

"""Change the modules that guard something, one thing at a time, and say which changes no test notices: `make mutants`.

mutmut makes the changes. A module has a file in `tests/mutants/`: it names the module, the tests that guard it (fast
ones, since they run thousands of times), and each change that may go unnoticed, with the reason.
"""

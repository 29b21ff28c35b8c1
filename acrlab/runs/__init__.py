"""Running notebooks: papermill's engine, kernels, the record of a run, stored outputs."""

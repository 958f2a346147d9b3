# Run by python_probe.py through exec, under its own name, as set-up scripts are.
def executed(probe):
    return probe()


executed(probe)

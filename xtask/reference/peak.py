"""Runs a Python program as it stands and prints, last, the peak resident memory: `peak Y MB`.

Usage: python peak.py [grouped] PROGRAM.py ARGUMENTS...
With `grouped` the Trainer puts texts of about the same length into one batch, as its own option has it.
"""
import runpy, sys


def peak_mb():
    """The peak resident memory of this process so far, children not counted."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    import resource

    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def group_by_length():
    import transformers

    arguments = transformers.TrainingArguments
    transformers.TrainingArguments = lambda **given: arguments(train_sampling_strategy="group_by_length", **given)


if __name__ == "__main__":
    del sys.argv[0]
    if sys.argv[0] == "grouped":
        del sys.argv[0]
        group_by_length()
    runpy.run_path(sys.argv[0], run_name="__main__")
    print(f"peak {peak_mb():.0f} MB")

"""Runs a Python program as it stands and prints, last, the peak resident memory: `peak Y MB`.

Usage: python peak.py PROGRAM.py ARGUMENTS...
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


if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
    print(f"peak {peak_mb():.0f} MB")

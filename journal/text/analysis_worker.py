"""Analysis worker: a process that analyses the texts of an import, so the event loop loses no time to them.
It reads lists of texts from standard input and writes lists of analyses, both as pickles, and ends with its
input."""

import os
import pickle
import sys

from journal.text.analysis import analyse

NICE = 10  # of the site's own processes it is the least urgent


def main() -> None:
    os.nice(NICE)
    while True:
        try:
            texts = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent process wrote it
        except EOFError:
            return
        pickle.dump([analyse(source, prefix) for source, prefix in texts], sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

"""Analysis process: analyses many texts beside this process, on another processor if there is one. A short
import does without, because the process takes half a second to start."""

import pickle
import subprocess
import sys
from collections.abc import Sequence

from journal.text.analysis import Analysis, Source, analyse

WORTHWHILE = 200  # texts

Texts = Sequence[tuple[Source, str]]  # each with the prefix for the ids of its footnotes


class AnalysisProcess:
    """To be used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._seen = 0
        self._is_broken = False

    def analyse(self, texts: Texts) -> list[Analysis]:
        self._seen += len(texts)
        if self._seen > WORTHWHILE and not self._is_broken:
            try:
                return self._asked(texts)
            except (OSError, EOFError, pickle.UnpicklingError):  # it was killed, or could not be started
                self._is_broken = True
        return [analyse(source, prefix) for source, prefix in texts]

    def _asked(self, texts: Texts) -> list[Analysis]:
        if self._process is None:
            command = [sys.executable, "-m", "journal.text.analysis_worker"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process = self._process
        assert process.stdin
        assert process.stdout
        pickle.dump(list(texts), process.stdin)
        process.stdin.flush()
        found: list[Analysis] = pickle.load(process.stdout)  # noqa: S301 - our own process wrote it
        return found

    def close(self) -> None:
        if process := self._process:
            assert process.stdin
            assert process.stdout
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()
            self._process = None

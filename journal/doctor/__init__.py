"""Health checks of `journal doctor`: the database, derived data, and the machine around them. Each says what
is wrong and what to do, and `--repair` mends what can be mended."""

from journal.doctor.examination import examine as examine
from journal.doctor.examination import examine_copy as examine_copy

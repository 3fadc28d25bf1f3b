"""After a restore answers that were withdrawn since the backup are deleted again, with their keys (Q10.9)."""

from replay.kinds import afterwards
from surveys.ending import forget_ended

afterwards(forget_ended)

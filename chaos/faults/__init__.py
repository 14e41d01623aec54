"""Real faults, each a context manager: it writes itself into the ledger, acts, proves its effect, and lifts itself.

They take plain values (pids, paths, seconds), and know nothing of failure points. What a socket can suffer stands on
the wire: `chaos.wire.proxy.WireProxy.toxic` and `.down`.
"""

from chaos.faults.clock_jump import jump
from chaos.faults.disk_full import full_disk
from chaos.faults.file_age import age_json_field, set_json_field
from chaos.faults.file_corrupt import Damage, corrupt
from chaos.faults.file_remove import remove
from chaos.faults.file_truncate import empty, truncate_file
from chaos.faults.file_write import write_file
from chaos.faults.process_descriptors import descriptor_limit
from chaos.faults.process_file_size import file_size_limit
from chaos.faults.process_hang import hang
from chaos.faults.process_kill import kill
from chaos.faults.process_memory import memory_limit
from chaos.faults.process_pause import pause

__all__ = [
    "Damage",
    "age_json_field",
    "corrupt",
    "descriptor_limit",
    "empty",
    "file_size_limit",
    "full_disk",
    "hang",
    "jump",
    "kill",
    "memory_limit",
    "pause",
    "remove",
    "set_json_field",
    "truncate_file",
    "write_file",
]

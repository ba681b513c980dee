"""The catalogue of faults: what builders and directives do wrong, and what is to be said of each.

Read next: `faulty.py` (the builders), `test_faults.py` here and in `tests/outputs`.
"""

from __future__ import annotations

from sphinx_tape.execution.request import FigureRequest

MODULES = {
    "syntax_error.py": "def figure(:\n    pass\n",
    "import_error.py": "import no_such_library\n\ndef figure():\n    pass\n",
    "import_raises.py": "print('half way')\nraise RuntimeError('while importing')\n",
    "import_exits.py": "import sys\nsys.exit(2)\n",
    "import_ends.py": "import os\nos._exit(0)\n",
    "import_crashes.py": "import ctypes\nctypes.string_at(0)\n",
    "import_hangs.py": "import time\ntime.sleep(60)\n",
    "import_floods.py": "import os\nwhile True:\n    os.write(1, b'x' * 65536)\n",
    "starts_threads.py": (
        "import threading, time\nfrom sphinx_tape import Tape\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "def figure():\n    return Tape().leaf(2.0, name='x').square()\n"
        "def crash():\n    import os\n    os.abort()\n"
    ),
    "deletes_itself.py": (
        "from pathlib import Path\nfrom sphinx_tape import Tape\n"
        "def figure():\n    Path(__file__).unlink()\n    return Tape().leaf(2.0, name='x').square()\n"
    ),
    "null_bytes.py": "x = 1\0\n",
    "package/__init__.py": "",
}

FAULTS = {
    # reference: (kind, words of the message, place)
    "no_such_package.module:figure": ("reference", "no module named 'no_such_package'", ""),
    "package.no_such_module:figure": ("reference", "no module named 'package.no_such_module'", ""),
    "faulty.sub:figure": ("reference", "no module named 'faulty.sub'", ""),
    "faulty:no_such_function": ("reference", "without 'no_such_function'", ""),
    "os:getcwd": ("reference", "standard library", ""),
    "os.path:join": ("reference", "standard library", ""),
    "faulty:replace": ("reference", "defined in the module it is named in (got one of 'dataclasses')", ""),
    "faulty:Klass": ("reference", "got a class", ""),
    "faulty:partial": ("reference", "'builtin_function_or_method'", ""),
    "faulty:asynchronous": ("reference", "an async function", ""),
    "faulty:generator": ("reference", "a generator function", ""),
    "linked:figure": ("reference", "a link that leads out", ""),
    "syntax_error:figure": ("builder", "SyntaxError", "syntax_error.py:1"),
    "null_bytes:figure": ("builder", "null bytes", ""),
    "import_error:figure": ("builder", "No module named 'no_such_library'", "import_error.py:1"),
    "import_raises:figure": ("builder", "RuntimeError: while importing", "import_raises.py:2"),
    "import_exits:figure": ("builder", "SystemExit: 2", "import_exits.py:2"),
    "import_ends:figure": ("crash", "ended itself with status 0", ""),
    "import_crashes:figure": ("crash", "SIGSEGV", "import_crashes.py:2"),
    "import_hangs:figure": ("timeout", "within 2 s", "import_hangs.py:2"),
    "import_floods:figure": ("builder", "print at most 1 MB", ""),
    "starts_threads:crash": ("crash", "SIGABRT", "starts_threads.py:8"),
    "faulty:raises": ("builder", "ValueError: no such thing", "faulty.py:"),
    "faulty:exits": ("builder", "SystemExit: 3", "faulty.py:"),
    "faulty:interrupts": ("builder", "KeyboardInterrupt", "faulty.py:"),
    "faulty:exits_at_once": ("crash", "ended itself with status 3", ""),
    "faulty:segmentation_fault": ("crash", "SIGSEGV", "faulty.py:"),
    "faulty:aborts": ("crash", "SIGABRT", "faulty.py:"),
    "faulty:endless_loop": ("timeout", "within 2 s", "faulty.py:"),
    "faulty:native_sleep": ("timeout", "within 2 s", "faulty.py:"),
    "faulty:ignores_signals": ("timeout", "within 2 s", ""),
    "faulty:endless_output": ("builder", "print at most 1 MB", ""),
    "faulty:much_output": ("builder", "said enough", "faulty.py:"),
    "faulty:much_memory": ("memory", "`tape_memory_limit` (got MemoryError", "faulty.py:"),
    "faulty:much_memory_in_numpy": ("memory", "Memory", "faulty.py:"),
    "faulty:nothing": ("result", "None; is a `return` missing?", ""),
    "faulty:wrong_type": ("result", "builtins.dict", ""),
    "faulty:two_tapes": ("result", "one of another", ""),
    "faulty:large_report": ("result", "report must be at most 1 MB", ""),
    "faulty:hostile_text": ("builder", "RuntimeError: \"'`<script>", "faulty.py:"),
    "faulty:lone_surrogate": ("builder", r"a \udc80 b", "faulty.py:"),
    "faulty:unspeakable": ("builder", "Unspeakable: its text could not be made", "faulty.py:"),
    "faulty:deep_recursion": ("builder", "RecursionError", "faulty.py:"),
    "faulty:chained": ("builder", "LookupError: while looking", "faulty.py:"),
    "faulty:missing_file": ("builder", "FileNotFoundError", "faulty.py:"),
    "faulty:bytes_then_raises": ("builder", "after bytes", "faulty.py:"),
}

REVERSE_FAULTS = {
    # reference: (subtype, words of the message)
    "faulty:without_output": ("output", "got none"),
    "faulty:vector": ("output", "seed must be given"),
    "faulty:rule_raises": ("backward", "ZeroDivisionError: in a rule"),
    "faulty:rule_exits": ("backward", "SystemExit"),
    "faulty:rule_of_wrong_shape": ("backward", "(got (2, 3))"),
    "faulty:rule_of_wrong_count": ("backward", "(got 3)"),
}

ASKED = {
    "hostile output": (
        FigureRequest(reference="faulty:hostile_name", output="\x00<b>/home/me/x/y"),
        "output",
        r"\x00<b>",
    ),
    "unknown output": (FigureRequest(reference="faulty:square", output="nope"), "output", "'nope'"),
    "output out of range": (FigureRequest(reference="faulty:square", output="7"), "output", "(got 7)"),
    "seed of wrong shape": (FigureRequest(reference="faulty:square", seed="[1, 2]"), "output", "(2,)"),
    "unknown argument": (FigureRequest(reference="faulty:square", arguments="z=1"), "arguments", "x=3.0"),
    "no literal": (FigureRequest(reference="faulty:square", arguments="x=f()"), "arguments", "x=3.0"),
    "ragged seed": (FigureRequest(reference="faulty:vector", seed="[1, [2]]"), "arguments", "equal length"),
    "text seed": (FigureRequest(reference="faulty:vector", seed="'a'"), "arguments", "a number"),
}

SURVIVORS = (
    "faulty:square",
    "faulty:threads_left",
    "faulty:child_left",
    "faulty:daemon_left",
    "faulty:fork_left",
    "faulty:not_finite",
    "faulty:hostile_name",
    "faulty:changes_everything",
    "faulty:sees_changes",
    "faulty:bytes_to_stdout",
    "starts_threads:figure",
    "deletes_itself:figure",
)

"""A process apart for code that is not ours: a model's functions, its training, its predictions.

    parent.py       starts such a process, asks it, and ends it with all that it left
    servers.py      starts what it is forked from
    server.py       which is an interpreter without secrets that has the libraries
    child.py        what runs in it
    confinement.py  what it may reach, as far as this system can hold it to that
    messages.py     how the two talk

What comes from there is data: texts, numbers, tables and files, never objects. Our own code runs in
such a process too, without confinement, where it parses what a process with credentials may not.
"""

from mergeline.sandbox.confinement import Enforced, Limits, lacking
from mergeline.sandbox.parent import Child, Sandbox, SandboxError

__all__ = ["Child", "Enforced", "Limits", "Sandbox", "SandboxError", "lacking"]

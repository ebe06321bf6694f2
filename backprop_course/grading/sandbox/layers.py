"""The layers between learners' code and the machine: what they keep out, and how many will do."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Layers:
    """Which layers are used, or asked for.

    Attributes
    ----------
    server : bool
        Children of a clean fork server, not a new Python for each submission.
    rlimits, death_signal, no_new_privs, seccomp, landlock, namespaces, uid : bool
        See `KEEPS_OUT`.
    """

    server: bool = True
    rlimits: bool = True
    death_signal: bool = True
    no_new_privs: bool = True
    seccomp: bool = True
    landlock: bool = True
    namespaces: bool = True
    uid: bool = True

    def without(self, *names: str) -> "Layers":
        """Return the same without some layers, and without those that need them."""
        out = set(names)
        if "server" in out:
            out |= {field.name for field in fields(self)} - {"rlimits"}
        if "no_new_privs" in out:
            out |= {"seccomp", "landlock"}
        return replace(self, **dict.fromkeys(out, False))

    def __and__(self, other: "Layers") -> "Layers":
        return Layers(*(getattr(self, name) and getattr(other, name) for name in self.names()))

    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in fields(self))

    def active(self) -> tuple[str, ...]:
        return tuple(name for name in self.names() if getattr(self, name))


NONE = Layers(*[False] * len(fields(Layers)))

KEEPS_OUT = {
    "server": "slow starts, and anything of the grader's memory in the learner's process",
    "rlimits": "endless loops, too much memory, files that are written, crowds of processes",
    "death_signal": "code that runs on after the grader has ended",
    "no_new_privs": "programs that would give it more rights",
    "seccomp": "network, new processes, signals to others, and most doors into the kernel",
    "landlock": "every file except Python's library, NumPy and SciPy",
    "namespaces": "the file system, the network and all other processes: it does not see them",
    "uid": "what belongs to root: the code runs as a user that owns nothing",
}

WARNING = (
    "Learners' code can read your files and use the network here. "
    "Grade code that you do not trust on Linux, in a container or in CI."
)


def enough(layers: Layers) -> bool:
    """Whether untrusted code may be graded with these layers.

    Marks are safe with any of them, since answers are compared in the grader's process and arrive
    as plain values. But the answers themselves must be out of reach, on the disk and in the
    grader's memory, and so must the machine:

    - ``rlimits``: else one loop or one large array stops the class.
    - ``seccomp``, and ``no_new_privs`` that it needs: the only layer that keeps most of the kernel
      out of reach, and with it network, processes and the grader's memory.
    - ``landlock`` or ``namespaces``: else the solutions can be read off the disk.
    """
    hides_files = layers.landlock or layers.namespaces
    return layers.rlimits and layers.no_new_privs and layers.seccomp and hides_files

"""What is asked of a sandbox, and how far it may go."""

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Task:
    """One question to one submission.

    Attributes
    ----------
    name : str
        The exercise, for messages.
    code : str
        Python text that defines the function. It is run for this question alone.
    function : str
        The name of the function.
    calls : list of tuple
        The arguments of each call.
    names : tuple of str
        The names of the arguments.
    """

    name: str
    code: str
    function: str
    calls: list[tuple]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """How much one submission may take.

    Attributes
    ----------
    seconds : float
        For the code of a question, and again for each call of its function.
    wall : float
        Seconds for the submission in all.
    memory : int
        Bytes, besides what Python and NumPy take.
    answer : int
        Bytes of one answer.
    answers : int
        Bytes of all answers of a submission.
    processes : int
        Processes and threads at the same time.
    files : int
        Open files. Writing into a file is not possible at all.
    questions : int
        Calls of functions that stay with the grader, for each call of the learner's function.
    """

    seconds: float = 2.0
    wall: float = 15.0
    memory: int = 1024 * MEGABYTE
    answer: int = 16 * MEGABYTE
    answers: int = 64 * MEGABYTE
    processes: int = 16
    files: int = 32
    questions: int = 20_000

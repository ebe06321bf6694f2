"""A class of a few students, hostile ones among them, as results."""

EXERCISES = [
    {"name": "03.q1", "lesson": "03", "title": "One weight", "points": 1, "kind": "question"},
    {"name": "linear_backward", "lesson": "03", "title": "Linear", "points": 4, "kind": "function"},
    {"name": "relu_backward", "lesson": "04", "title": "ReLU <b>", "points": 1, "kind": "function"},
]
HOSTILE = "<script>alert(document)</script>"
FORMULA = '=cmd|" /C calc"!A0'


def mark(exercise, outcome="passed", mistakes=(), message=""):
    most = next(one["points"] for one in EXERCISES if one["name"] == exercise)
    points = most if outcome == "passed" else 0
    message = message or f"{outcome}: {exercise}, {points} of {most} points\nAll 5 cases agree."
    return {
        "exercise": exercise,
        "outcome": outcome,
        "points": points,
        "max_points": most,
        "mistakes": list(mistakes),
        "message": message,
    }


WRONG = (
    "failed: linear_backward, 0 of 4 points\n"
    "  dX   (5, 4)   right\n"
    "  dW   (3, 4)   wrong shape, (4, 3) belongs here\n"
    "Your dW is the transpose of the right one.\n"
    "It comes from your line `return dW.T`"
)


def student(student, *marks, name=None, **more):
    marks = list(marks) or [mark(one["name"]) for one in EXERCISES]
    return {
        "student": student,
        "name": name or student,
        "files": [f"{student}/hw.ipynb"],
        "digest": "ab" * 32,
        "late": False,
        "notes": [],
        "columns": {},
        "outcome": "graded",
        "reason": "",
        "points": sum(one["points"] or 0 for one in marks),
        "max_points": 6,
        "marks": marks,
    } | more


def ungraded(name, reason="hw.ipynb is empty.", **more):
    nothing = {"outcome": "could not be graded", "reason": reason, "points": None}
    return student(name) | nothing | {"max_points": None, "marks": []} | more


def small_class():
    failed = mark("linear_backward", "failed", ["transposed"], WRONG)
    both = mark("linear_backward", "failed", ["transposed", "sign"], WRONG)
    crash = mark("relu_backward", "could not run", [], f"could not run: x\n{HOSTILE} `{HOSTILE}`")
    blank = mark("03.q1", "not attempted")
    return [
        student("anna", name="Anna"),
        student("ben", mark("03.q1"), failed, crash, late=True, notes=["Handed in late."]),
        student("cleo", blank, both, mark("relu_backward")),
        ungraded("dora", f"dora.ipynb {HOSTILE} ends in the middle."),
        student(HOSTILE, name=f'"><img src=x onerror=alert(1)>{HOSTILE}', notes=[HOSTILE]),
        student(FORMULA, name="+1+1", files=["@SUM(A1)", "-2+3"], notes=["\t=1"]),
        student("12345", name="Doe, Jane", columns={"ID": "12345", "Student": "Doe, Jane"}),
    ]


def results(records=None, **more):
    return {
        "schema": "backprop-course-results",
        "version": 1,
        "course_version": "0.1.0",
        "seed": 7,
        "layers": ["seccomp", "landlock"],
        "exercises": EXERCISES,
        "submissions": iter(small_class() if records is None else records),
    } | more

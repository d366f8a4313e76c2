"""The figures of a run as Markdown tables, for docs/performance.md."""

from dataclasses import dataclass, field

from load import Cost


@dataclass
class Row:
    operation: str
    program: str
    protocol: str
    cost: Cost


@dataclass
class Goal:
    text: str
    measured: str
    is_reached: bool


@dataclass
class Figures:
    """One run."""

    rows: list[Row] = field(default_factory=list)
    starts: dict[str, float] = field(default_factory=dict)  # seconds, by program
    idle: dict[str, float] = field(default_factory=dict)  # MiB, by program
    binary_bytes: int = 0
    rooms: dict[str, float] = field(default_factory=dict)  # nanoseconds, by benchmark

    def microseconds(self, operation: str, program: str, protocol: str) -> float | None:
        found = [row.cost.microseconds for row in self.rows
                 if (row.operation, row.program, row.protocol) == (operation, program, protocol)]
        return found[0] if found else None

    def best(self, operation: str, program: str) -> float | None:
        """A peer on its best protocol."""
        found = [row.cost.microseconds for row in self.rows if (row.operation, row.program) == (operation, program)]
        return min(found) if found else None


OURS = "Sekisho"
DECISION = "policy: "  # what the benchmarks of decisions begin with
SHARES = [("GetCallerIdentity", "MiniStack", {"HTTP/2": 20, "HTTP/1.1": 10}),
          ("GetCallerIdentity", "moto", {"HTTP/2": 100, "HTTP/1.1": 50}),
          ("AssumeRole", "MiniStack", {"HTTP/2": 20, "HTTP/1.1": 10}),
          ("AssumeRole", "moto", {"HTTP/2": 100, "HTTP/1.1": 50}),
          ("TokenReview", "aws-iam-authenticator", {"HTTP/2": 10})]


def share_goals(figures: Figures) -> list[Goal]:
    goals = []
    for operation, peer, shares in SHARES:
        theirs = figures.best(operation, peer)
        for protocol, share in shares.items():
            own = figures.microseconds(operation, OURS, protocol)
            if own is None or theirs is None:
                continue
            goals.append(Goal(f"{operation}, {protocol}: at most 1/{share} of {peer}'s CPU",
                              f"1/{theirs / own:.1f} ({own:.1f} of {theirs:,.0f} us)", own * share <= theirs))
    return goals


def goals_of(figures: Figures) -> list[Goal]:
    goals = share_goals(figures)
    ready, idle = figures.starts[OURS] * 1000, figures.idle[OURS]
    goals += [Goal("Ready in 20 ms on the quick start's data", f"{ready:.1f} ms", ready <= 20),
              Goal("At most 16 MiB resident when idle there", f"{idle:.1f} MiB", idle <= 16),
              Goal("Program of at most 16 MB", f"{figures.binary_bytes / 1e6:.1f} MB", figures.binary_bytes <= 16e6)]
    decisions = [value for name, value in figures.rooms.items() if name.startswith(DECISION)]
    if decisions:
        goals.append(Goal("Policy decision (ViewOnlyAccess, inline, SCPs) under 250 ns",
                          f"{min(decisions):.0f}-{max(decisions):.0f} ns by action", max(decisions) < 250))
    return goals


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def print_markdown(figures: Figures) -> str:
    loads = table(["", "program", "protocol", "CPU us/request", "requests/s on one core", "p50 ms", "p99 ms", "resident MiB"],
                  [[row.operation, row.program, row.protocol, f"{row.cost.microseconds:,.1f}", f"{row.cost.per_second:,.0f}",
                    f"{row.cost.p50:.2f}", f"{row.cost.p99:.2f}", f"{row.cost.resident:.1f}"] for row in figures.rows])
    starts = table(["", "start ms", "idle MiB"],
                   [[name, f"{seconds * 1000:,.0f}", f"{figures.idle[name]:.1f}"] for name, seconds in figures.starts.items()])
    goals = table(["goal", "measured", ""], [[goal.text, goal.measured, "reached" if goal.is_reached else "**missed**"]
                                             for goal in goals_of(figures)])
    rooms = table(["room", "ns"], [[name, f"{value:,.0f}"] for name, value in figures.rooms.items()])
    return "\n".join([loads, starts, goals] + ([rooms] if figures.rooms else []))

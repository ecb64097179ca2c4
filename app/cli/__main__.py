"""`vacds`, also `python -m app.cli`. Exit 0: done. Exit 2: what was asked, or the file, is wrong; one line on stderr says what."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from app.cli import check_client, evaluate, explain, templates
from app.cli.terminal import Refused, complain, say
from app.routes.evaluations import FIRST_YEAR, LAST_YEAR
from guidelines.ta279.guideline import CRITERIA

WRONG = 2


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        complain(f"{self.prog}: {message}; {self.prog} --help tells more")
        sys.exit(WRONG)


def main() -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `vacds explain recent | head` ends quietly
    return answered(sys.argv[1:])


def answered(arguments: Sequence[str]) -> int:
    """The exit code; what is not asked for as it must be ends the program."""
    asked = parser().parse_args(arguments)
    try:
        asked.run(asked)
    except Refused as refused:
        complain(f"vacds: {refused}")
        return WRONG
    return 0


def parser() -> Parser:
    whole = Parser(
        prog="vacds", description="Vertebral Augmentation CDS on the command line. It supports, does not decide.", allow_abbrev=False
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    _evaluate(commands.add_parser("evaluate", help="evaluate one patient's FHIR R4 Bundle", allow_abbrev=False))
    _explain(commands.add_parser("explain", help="what a criterion asks, its thresholds and reason codes", allow_abbrev=False))
    _templates(commands.add_parser("templates", help="prefetch templates to paste, by EHR", allow_abbrev=False))
    _check_client(commands.add_parser("check-client", help="check a file of trusted clients", allow_abbrev=False))
    return whole


def _evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("bundle", metavar="BUNDLE", help="a JSON file, or - for the standard input")
    command.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="the day of evaluation; today by default")
    command.add_argument("--json", action="store_true", help="the whole Evaluation, as POST /evaluations answers it")
    _settings(command)
    command.set_defaults(run=_run_evaluate)


def _explain(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "criterion", nargs="?", choices=[each.id for each in CRITERIA], metavar="CRITERION", help="one of the nine; without it, all"
    )
    command.add_argument("--profile", default="default", metavar="NAME", help="whose thresholds are shown")
    command.set_defaults(run=lambda asked: say(explain.explain(asked.criterion, asked.profile)))


def _templates(command: argparse.ArgumentParser) -> None:
    command.add_argument("ehr", choices=list(templates.EHRS), metavar="EHR", help=", ".join(templates.EHRS))
    command.add_argument("--overlay", metavar="DIR", help="as VACDS_OVERLAY_DIR: a site's own codes are asked for, too")
    command.set_defaults(run=_run_templates)


def _check_client(command: argparse.ArgumentParser) -> None:
    command.add_argument("clients", metavar="CLIENTS", help="the TOML file that VACDS_CLIENTS_FILE is to name")
    command.add_argument("--demo", action="store_true", help="as demo mode takes it: http, and keys that everybody can sign with")
    command.set_defaults(run=lambda asked: say(check_client.check(asked.clients, demo=asked.demo)))


def _settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--profile", metavar="NAME", help="as VACDS_PROFILE: a shipped profile's name, or a TOML file")
    command.add_argument("--overlay", metavar="DIR", help="as VACDS_OVERLAY_DIR: a site's own codes")


def _run_evaluate(asked: argparse.Namespace) -> None:
    settings = evaluate.settings_from(asked.profile, asked.overlay)
    evaluate.run(asked.bundle, asked.date, settings, as_json=asked.json)


def _run_templates(asked: argparse.Namespace) -> None:
    terminology = evaluate.assessor_for(evaluate.settings_from(None, asked.overlay)).terminology
    say([templates.as_json(asked.ehr, terminology)])
    for line in templates.remarks(asked.ehr):
        complain(line)


def _day(text: str) -> date:
    """A day that the service takes, too."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("is not a day, YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"is not a day of the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


if __name__ == "__main__":
    sys.exit(main())

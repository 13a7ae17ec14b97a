"""Every command, with its place in ``disprop --help``."""

from __future__ import annotations

from types import ModuleType

import disprop as dp
from disprop.cli import (
    adjust,
    audit,
    check,
    crossed,
    decompose,
    evaluate,
    gaps,
    groups,
    measures,
    methods,
    published,
    report,
    schools,
    segregation,
    synth,
    trend,
)
from disprop.cli.arguments import Parser

#: A module has ``add(parser)`` and ``run(given)``; its name is the command's.
COMMANDS: tuple[tuple[ModuleType, str], ...] = (
    (measures, "List the measures of the catalogue."),
    (groups, "List ethnicity codes, labels and what they belong to."),
    (methods, "List interval methods and when to use each."),
    (check, "Check a file of pupil rows and say what it allows."),
    (gaps, "Gaps of ethnic groups, from a file of pupil rows."),
    (trend, "How gaps change over the years, and whether they reach a target."),
    (schools, "Which schools stand out, and what each adds to a gap."),
    (crossed, "Ethnic groups crossed with sex, FSM and the like."),
    (published, "Gaps of ethnic groups, from published counts."),
    (adjust, "Raw gaps beside gaps among pupils alike in FSM, SEN and the like."),
    (decompose, "What gaps are made of: mix and rates, within and between schools."),
    (segregation, "How unevenly groups are spread over schools."),
    (evaluate, "Whether gaps changed more in the schools that took a programme."),
    (report, "Report, workbook and open-data files, disclosure control applied."),
    (audit, "How closely a reader can come to what published tables withhold."),
    (synth, "Make a synthetic cohort; the same seed gives the same rows."),
)

EXAMPLES = """Examples
  disprop synth --pupils 20000 --out pupils.parquet
  disprop check pupils.parquet
  disprop gaps pupils.parquet --measure persistent_absence --by year
  disprop gaps pupils.csv --group main --group "Black Caribbean heritage=BCRB,MWBC" --out gaps.csv
  disprop trend pupils.parquet --measure persistent_absence --group BCRB --target 3 --due 2027/28
  disprop schools pupils.parquet --measure persistent_absence --group BCRB --show gaps
  disprop crossed pupils.parquet --measure suspended_once --cross sex,fsm
  disprop report pupils.parquet --policy lt5 --area 307=E09000009=Ealing --out report
  disprop published exclusions.csv --measure suspensions --ethnicity characteristic \\
      --numerator fixed_excl --denominator headcount --by time_period \\
      --where geographic_level=National --total Total --out gaps.csv
  disprop adjust pupils.parquet --measure persistent_absence --by year --strata fsm,sen
  disprop decompose pupils.parquet --measure persistent_absence --over school \
      --method within_between
  disprop evaluate pupils.parquet --measure persistent_absence --group BCRB \
      --programme @schools.txt --before 2022/23,2023/24 --after 2024/25

Exit codes: 0 done, 1 data refused (every finding is printed), 2 usage, 130 interrupted."""


def parser() -> Parser:
    """Return the parser of the whole command line."""
    made = Parser(
        prog="disprop",
        description="How far each ethnic group's school outcomes stand from those of all other "
        "groups.",
        epilog=EXAMPLES,
    )
    made.add_argument("--version", action="version", version=f"disprop {dp.__version__}")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module, text in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        command: Parser = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=module.run)
        module.add(command)
    return made

"""Raw answers as officials have them, a CSV file or a workbook with one respondent a row, read for any rule.

    answers = open_answers(path, layout(rule, order=None, sheet=None, by="Unit", added=("Keamanan",)))
    reading = answers.read(skip_bad_rows=False)
    score(tally_rows(answers.questions, reading.rows), answers.asked, answers.rule)

`open_answers` finds the columns and refuses what is not clear; `Answers.read` counts the respondents in one pass and
says what it left out; `Answers.rows` gives them one by one.
"""

from ikm.server.answers.faults import FAULTS_SHOWN, BadCells, Fault
from ikm.server.answers.layout import Layout, Order, layout
from ikm.server.answers.opening import open_answers
from ikm.server.answers.passage import NO_GROUP
from ikm.server.answers.reading import Answers, Reading
from ikm.server.answers.tail import Footer, Ratings, Row

__all__ = [
    "FAULTS_SHOWN",
    "NO_GROUP",
    "Answers",
    "BadCells",
    "Fault",
    "Footer",
    "Layout",
    "Order",
    "Ratings",
    "Reading",
    "Row",
    "layout",
    "open_answers",
]

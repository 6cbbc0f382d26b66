"""What the gates do over a whole data set: counts that any number of sequences add up to, in bounded memory.

    survey(model, sequences_in("folder"), jobs=open_jobs())     # a Survey
    merge([one, other])                                         # of two parts of a data set: of the whole

Every number that is kept is a whole number, so the result is the same, to the last bit, whatever is computed
together, by whom, and in which order it is added up.
"""

from gru_core.survey.data import sequences_in
from gru_core.survey.run import survey
from gru_core.survey.saved import read_survey, summary_of, write_survey
from gru_core.survey.statistics import Survey, merge, survey_of_traces

__all__ = [
    "Survey",
    "merge",
    "read_survey",
    "sequences_in",
    "summary_of",
    "survey",
    "survey_of_traces",
    "write_survey",
]

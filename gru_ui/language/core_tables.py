"""The core's own tables of words, in the reader's language."""

from typing import Final

from gru_core.analysis.comparison_facts import COMPARISON_TEXTS
from gru_core.analysis.connectivity_facts import CONNECTIVITY_TEXTS
from gru_core.analysis.facts import TEMPLATES
from gru_core.analysis.find_facts import FIND_TEXTS
from gru_core.analysis.flow_facts import FLOW_TEXTS
from gru_core.analysis.ledger_facts import LEDGER_TEXTS
from gru_core.analysis.portrait_facts import PHASE_TEXTS
from gru_core.analysis.ripple_facts import RIPPLE_TEXTS
from gru_core.analysis.saturation_facts import SATURATION_TEXTS
from gru_core.analysis.space_facts import SPACE_TEXTS
from gru_core.analysis.square_facts import SQUARE_TEXTS
from gru_core.figures.comparison_texts import COMPARISON_FIGURE_TEXTS
from gru_core.figures.find_texts import FIND_FIGURE_TEXTS
from gru_core.figures.flow_texts import FLOW_FIGURE_TEXTS
from gru_core.figures.ledger_texts import LEDGER_FIGURE_TEXTS
from gru_core.figures.portrait_texts import PHASE_FIGURE_TEXTS
from gru_core.figures.ripple_texts import RIPPLE_FIGURE_TEXTS as ENGLISH_RIPPLE_FIGURES
from gru_core.figures.saturation_texts import SATURATION_FIGURE_TEXTS
from gru_core.figures.space_texts import SPACE_FIGURE_TEXTS
from gru_core.figures.square_texts import SQUARE_FIGURE_TEXTS
from gru_core.figures.texts import FIGURE_TEXTS as ENGLISH_FIGURES
from gru_ui.language.tables import Texts

FACT_TEXTS: Final = Texts("fact_texts", TEMPLATES)
FIGURE_TEXTS: Final = Texts("figure_texts", ENGLISH_FIGURES)
SATURATION_FACTS: Final = Texts("saturation_texts", SATURATION_TEXTS)
SATURATION_FIGURE: Final = Texts("saturation_figure_texts", SATURATION_FIGURE_TEXTS)
SPACE_FACTS: Final = Texts("space_texts", SPACE_TEXTS)
SPACE_FIGURE: Final = Texts("space_figure_texts", SPACE_FIGURE_TEXTS)
SQUARE_FACTS: Final = Texts("square_texts", SQUARE_TEXTS)
SQUARE_FIGURES: Final = Texts("square_figure_texts", SQUARE_FIGURE_TEXTS)
FLOW_FACTS: Final = Texts("flow_texts", FLOW_TEXTS)
FLOW_FIGURE: Final = Texts("flow_figure_texts", FLOW_FIGURE_TEXTS)
RIPPLE_FACTS: Final = Texts("ripple_texts", RIPPLE_TEXTS)
RIPPLE_FIGURES: Final = Texts("ripple_figure_texts", ENGLISH_RIPPLE_FIGURES)
CONNECTIVITY_FACTS: Final = Texts("connectivity_texts", CONNECTIVITY_TEXTS)
LEDGER_FACTS: Final = Texts("ledger_texts", LEDGER_TEXTS)
LEDGER_FIGURES: Final = Texts("ledger_figure_texts", LEDGER_FIGURE_TEXTS)
PHASE_FACTS: Final = Texts("phase_texts", PHASE_TEXTS)
PHASE_FIGURE: Final = Texts("phase_figure_texts", PHASE_FIGURE_TEXTS)
FIND_FACTS: Final = Texts("find_texts", FIND_TEXTS)
FIND_FIGURE: Final = Texts("find_figure_texts", FIND_FIGURE_TEXTS)
COMPARISON_FACTS: Final = Texts("comparison_texts", COMPARISON_TEXTS)
COMPARISON_FIGURE: Final = Texts("comparison_figure_texts", COMPARISON_FIGURE_TEXTS)

"""What is believed of a programme before it is measured: stated, with its sources, never a claim.

Between studies of grade 3 and more with a printed interval (nine sources of integrated care, hospital admissions and
A&E attendances
among them, as ratios: BMC Health Serv Res 2022 0.856, Whole System Demonstrator 2012 0.82 and 2013 0.90, virtual wards
2018 0.61, hospital at home 2021 0.58, paramedic practitioners 2007 0.72, crisis resolution 2005 0.19, Cochrane
discharge planning 2016 0.87, START 2018 1.25) the standard deviation of the log ratio is 0.19 (DerSimonian & Laird
1986); the prior is as wide. What is printed is
what was found: of studies of grade 3 and more on emergency admissions 6 saw fewer, 9 no change and 5 more, so two
thirds are taken to do next to nothing.
"""

from __future__ import annotations

from headwater.stats.shrinkage import Prior

NOTHING, NOTHING_SD = 2 / 3, 0.03
MEAN, SPREAD = -0.15, 0.19


def stated_prior() -> Prior:
    return Prior(NOTHING, NOTHING_SD, MEAN, SPREAD)

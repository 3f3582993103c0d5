"""The county's risk register: what its programmes might run into, with controls of which some were never tested."""

RISKS = """\
# The risk register of the demonstration county. Every range is made up, as everything in the county is.
[[risk]]
id = "FA-1"
collaboration = "frequent-attenders"
cause = "Who pays is not who gains."
event = "The council withdraws its share"
effect = "The team loses its social worker."
likelihood = [0.1, 0.2, 0.4]
impact_gbp = [5000, 15000, 30000]
owner = "head of urgent care, integrated care board"
appetite_gbp = 2500
indicator = "single-payer"
[[risk.control]]
id = "FA-1-C1"
text = "A gain share is agreed and settled every year"
effectiveness = 0.6
acts_on = "likelihood"
owner = "chief finance officer, integrated care board"
tested = 2024-09-30

[[risk]]
id = "FA-2"
collaboration = "frequent-attenders"
cause = "Personal data are shared between five bodies."
event = "The data-sharing agreement lapses"
effect = "Joint care plans stop until it is renewed."
likelihood = [0.1, 0.3, 0.5]
impact_gbp = [2000, 8000, 20000]
owner = "information governance lead, GP federation"
appetite_gbp = 1000
indicator = "agreement-expiry"
[[risk.control]]
id = "FA-2-C1"
text = "Agreements are reviewed ninety days before they expire"
effectiveness = 0.5
acts_on = "likelihood"
owner = "information governance lead, GP federation"

[[risk]]
id = "RD-1"
collaboration = "rapid-discharge"
cause = "People go home before care is in place."
event = "Patients come back to A&E"
effect = "Attendances and visits rise, and beds fill again."
likelihood = [0.3, 0.6, 0.9]
impact_gbp = [10000, 40000, 90000]
owner = "chief nurse, hospital"
appetite_gbp = 5000
indicator = "displacement"
line = 2
[[risk.control]]
id = "RD-1-C1"
text = "Every discharge is telephoned on the second day"
effectiveness = 0.3
acts_on = "likelihood"
owner = "discharge lead, hospital"
tested = 2024-03-31

[[risk]]
id = "CM-1"
collaboration = "community-matrons"
cause = "Matrons are few and are hired away."
event = "The community trust loses capacity"
effect = "Caseloads close to new patients."
likelihood = [0.2, 0.4, 0.6]
impact_gbp = [5000, 20000, 50000]
owner = "chief nurse, community trust"
appetite_gbp = 4000
indicator = "partner-capacity"
"""

"""An id for every button and form that outlives the process, as somebody would make one up."""

JOB = "0123456789"
ID = "1234567890123456789"

#: Ids of buttons and lists; a job's id and an interaction's are put in.
BUTTONS = (
    "job:cancel:{job}",
    "job:approve:{job}",
    "job:reject:{job}",
    "quote:go:{id}",
    "quote:change:{id}",
    "quote:drop:{id}",
    "job:again:{job}",
    "job:edit:{job}",
    "job:delete:{job}",
    "job:delete-now:{job}",
    "job:report:{job}",
    "page:credits:0",
    "page:jobs:9999",
    "server:form:budget:12",
    "server:form:approval:1:2",
    "server:choose:allowed_channels",
    "server:choose:moderators_channel",
    "server:choose:gallery_channel",
    "server:choose:approval",
    "server:choose:language",
    "board:decide:{job}",
    "board:stop:{job}",
    "board:settle:{job}",
    "board:on:9999",
    "report:down:{job}",
    "report:refund:{job}",
    "report:block:{job}",
    "job:settle:ran:{job}",
    "job:settle:never-ran:{job}",
    "audit:before:12345",
)
FORMS = (
    "quote:changed:{id}",
    "job:edited:{job}",
    "job:reported:{job}",
    "server:form:budget",
    "server:form:quote_above",
    "server:form:jobs_at_once",
    "server:form:gallery_stars",
    "server:form:approval",
    "report:blocked:{job}",
    "job:rejected:{job}",
)
#: The fields that forms have.
FIELDS = (
    "prompt",
    "prompt-rest",
    "reason",
    "duration",
    "budget",
    "quote_above",
    "jobs_at_once",
    "gallery_stars",
    "approve_first",
    "approve_above",
)


def filled_in(template: str, *, job: str = JOB, interaction: str = ID) -> str:
    return template.format(job=job, id=interaction)

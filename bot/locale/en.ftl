## Units

credits = { $count ->
    [one] { $count } credit
   *[other] { $count } credits
}

## The answer to a request, to the member alone

accepted =
    { $price ->
        [0] Your request is in. It is free.
       *[other] Your request is in. { $price ->
            [one] { $price } credit is
           *[other] { $price } credits are
        } set aside and only spent once the video is here; { $balance } left.
    }
accepted-usual = A video like this is usually ready after about { $time }.
accepted-waits = A moderator looks at it first. You will be told either way.
quote =
    This video costs { $price ->
        [one] { $price } credit
       *[other] { $price } credits
    }; you would have { $balance } left. Nothing is spent yet.
quote-budget = The server has { $left ->
        [one] { $left } credit
       *[other] { $left } credits
    } left this month.
quote-dropped = Forgotten. Nothing was spent.
quote-change-title = Change the request
form-prompt = What should happen in the video?
form-prompt-rest = The rest of it
button-quote-go = Generate
button-quote-change = Change
button-quote-drop = Never mind
duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}

refused-request = That request cannot go ahead yet. Nothing was spent.
refused-credits = That video costs { $needed ->
    [one] { $needed } credit
   *[other] { $needed } credits
}, and you have { $available }. Choose a shorter or smaller video, or ask a moderator for credits.
refused-post = I may not post here: { $missing } missing. Ask a moderator to allow it for me in this channel.
refused-client = Your Discord and I do not agree on this command. Restart Discord, then try again.
refused-server = I am not set up for this server. Its owner can ask my operator to add it.
refused-store = My books are closed for a moment, so nothing was done and nothing was spent. Try again in a minute.
refused-disk = I have no room for files right now, so nothing was done and nothing was spent. Try again later.
unexpected = Something went wrong on my side. If credits were set aside, they come back by themselves. Reference: { $reference }

refused-budget = The server has { $left } of its monthly credits left, and this video costs { $needed }. Try a smaller one, or wait for the next month.
refused-filter = The words of this server’s filter stop that prompt. Nothing was spent.
refused-inputs = The pictures and clips of that request were on its card, and the card is gone. Ask with the slash command and attach them again.
refused-model = I do not offer the model of that video any more. Ask for one with the commands I have now.
refused-video = That video is not here any more.
refused-discord = Discord would not do that right now. Try again in a moment.
refused-pressed = You have pressed that already. One request is on its way.
refused-quote = That quote is gone. Ask again; nothing was spent.
refused-limits = That request meets a limit of this server. Nothing was spent.

limit-paused = New requests are paused by the moderators. Try again later.
limit-blocked = You may not ask for videos here { $until ->
    [never] for now
   *[other] until { $until }
}. Reason: { $limit }
limit-channel = Videos are made in { $limit }.
limit-model = Your role may use { $limit }.
limit-resolution = Your role may ask for up to { $limit }.
limit-duration = Your role may ask for up to { $limit } seconds.
limit-member-jobs = You have { $limit ->
    [one] { $limit } open request
   *[other] { $limit } open requests
} already, which is the most at once. Wait for one to finish.
limit-server-jobs = This server has { $limit ->
    [one] { $limit } open request
   *[other] { $limit } open requests
} already, which is the most at once. Try again soon.
limit-cooldown = One request every { $limit } seconds: the next one { $until }.

## What is wrong with a request; $option is the option's name

problem-required = **{ $option }** is missing.
problem-blank = **{ $option }** is empty. Describe what should happen in the video.
problem-not-a-choice = **{ $option }** can be { $limit }, not { $found }.
problem-wrong-type = **{ $option }** has the wrong kind of value.
problem-too-low = **{ $option }** must be at least { $limit }; it is { $found }.
problem-too-high = **{ $option }** must be at most { $limit }; it is { $found }.
problem-too-long = **{ $option }** must be at most { $limit } long; it has { $found }.
problem-too-few = **{ $option }**: at least { $limit } needed; found { $found }.
problem-too-many = **{ $option }**: at most { $limit } allowed; found { $found }.
problem-wrong-format = **{ $option }** must be { $limit }; this file is { $found }.
problem-too-large = **{ $option }** must be under { $limit }; this file has { $found }.
problem-width-too-small = **{ $option }** must be wider than { $limit }; it is { $found } wide.
problem-width-too-large = **{ $option }** must be narrower than { $limit }; it is { $found } wide.
problem-height-too-small = **{ $option }** must be taller than { $limit }; it is { $found } tall.
problem-height-too-large = **{ $option }** must be less tall than { $limit }; it is { $found } tall.
problem-ratio-too-narrow = **{ $option }**: width divided by height must be over { $limit }; it is { $found }.
problem-ratio-too-wide = **{ $option }**: width divided by height must be under { $limit }; it is { $found }.
problem-too-short = **{ $option }** must last at least { $limit }; it lasts { $found }.
problem-lasts-too-long = **{ $option }** must last at most { $limit }; it lasts { $found }.
problem-unreadable = **{ $option }** could not be read. The file may be damaged, or not what its name says.
problem-unreachable = **{ $option }** could not be fetched from Discord. Attach it again.
problem-unknown-option = **{ $option }** is not an option of this model.
problem-over-recommended-length = **{ $option }** is longer than recommended ({ $limit }; it has { $found }). It goes ahead, but shorter works better.

unknown-value = something else
unknown-size = more
unit-px = { $count } px
unit-mb = { $count } MB
unit-s = { $count } s
unit-characters = { $count } characters
unit-words = { $count } words
unit-files = { $count ->
    [one] { $count } file
   *[other] { $count } files
}

## The card of a job

card-title = ### { $title } for { $member }
card-settings = -# { $settings }
card-sound-on = sound
card-sound-off = no sound
card-camera-fixed-on = camera fixed
card-camera-fixed-off = camera free
card-web-search-on = web search
card-web-search-off = no web search
card-seed = seed { $seed }
card-footer-held = -# { $price ->
    [one] { $price } credit
   *[other] { $price } credits
} set aside · job { $job }
card-footer-paid = -# { $price ->
    [one] { $price } credit
   *[other] { $price } credits
} spent · job { $job }
card-footer-free = -# Not charged · job { $job }
card-footer-plain = -# job { $job }
card-waits-everything = Every request in this server is looked at first.
card-waits-first-requests = A member’s first requests in this server are looked at first.
card-waits-price = Requests at this price are looked at first.
card-waits-flagged = Its words need a second look.
card-rejected-because = Reason: { $reason }

state-awaiting_approval = Waits for a moderator’s yes.
state-queued = Waits here for a free place.
state-queued-no-funds = Waits: the account at RunComfy needs topping up. It goes on by itself.
state-queued-token = Waits: RunComfy does not accept my key. The operator has to look.
state-queued-unreachable = Waits: RunComfy does not answer right now. It goes on by itself.
state-submitting = On its way to RunComfy.
state-in_queue = Waits at RunComfy.
state-in_queue-position = { $position ->
    [0] Waits at RunComfy, next in line.
   *[other] Waits at RunComfy, position { $position } in its queue.
}
state-in_progress = Rendering { $bar } { $percent } %
state-in_progress-late = Rendering { $bar } Taking longer than usual.
state-in_progress-ready = -# Usually ready { $when }
state-rendered = Rendered. Bringing it here.
state-rendered-file = Rendered, but RunComfy does not hand the file over yet. I keep trying for some hours.
state-rendered-disk = Rendered, but I have no room for the file. It comes as soon as there is some.
state-delivered = Done. The video is in the reply below.
state-taken-down = The video was taken down.
state-undeliverable = The video is ready, but could not be posted here.
state-failed = No video this time.
state-rejected = A moderator said no.
state-cancelled = Cancelled.
state-expired = Given up after waiting too long.
state-uncertain = The connection to RunComfy broke at the wrong moment.

button-cancel = Cancel

## Why there is no video, and what to do

failure-refused = RunComfy refused the request. Change the prompt or the pictures and ask again.
failure-sensitive = RunComfy’s content filter stopped it. Real faces, brands and violence are often the reason: try other pictures or words, or switch the sound off.
failure-render-failed = RunComfy could not make it. Asking again often helps.
failure-stopped = RunComfy stopped it by itself. Ask again.
failure-no-video = RunComfy reports success but sent no video. Ask again.
failure-request-gone = RunComfy no longer knows the request. Ask again.
failure-video-gone = The finished video could not be fetched from RunComfy. Ask again.
failure-not-a-video = What RunComfy sent is not a video. Ask again.
failure-uncertain = It may or may not be running there. I do not send it twice; the staff will look into it.
failure-timed-out = It took longer than my operator allows. Try a shorter or smaller video.
failure-timed-out-waiting = It waited at RunComfy for longer than my operator allows, and was called off. Ask again later.
failure-cannot-post = I was not allowed to post in the channel.
failure-upload-too-large = The file is larger than this server accepts. Try a shorter or smaller video.
failure-cancelled = It was called off before it was made.
failure-not-approved = No moderator answered in time. Ask again.
failure-restored = My books were restored from an older copy, so I do not know what became of it since. If its video is not in the channel, ask again.
failure-model-gone = My operator does not offer this model any more. Ask for a video with one of the others.
failure-withheld = A moderator kept it back.
kept-for-resend = `/jobs resend` gets it for whoever asked, up to its deletion: { $when }.

## The posted video

video-caption = { $member } { $title }
direct-delivered = Your video from { $channel } is here because I could not post it there. It was free.
direct-kept = Your request in { $channel } ended without a posted video. It was free.

## To the operator, by direct message

operator-unreachable = **Submits stopped: RunComfy’s answers get lost.** Requests were sent, and the connection broke before RunComfy said whether it had taken them on.
    Meanwhile nothing more is sent, so that nothing more can be lost. Other requests wait, and their cards say so. I ask RunComfy again and again whether it answers, and go on by myself.
    You need not do anything for that. The lost ones may be running and cost money: `showreel jobs --state uncertain` lists them, and a moderator settles them with `/moderate reconcile`.
operator-no-funds = **Submits stopped: the account at RunComfy is out of funds.**
    Meanwhile requests wait, and their cards say so. I look at the balance now and then, and go on by myself.
    Please top up the account at RunComfy.
operator-token = **Submits stopped: RunComfy refuses the API token.** It may have expired, or been revoked.
    Meanwhile requests wait, and their cards say so. I try the token now and then, and go on by myself once RunComfy accepts it.
    Please look at the token in your account at RunComfy. If you make a new one, put it into `RUNCOMFY_API_TOKEN` and restart me.
operator-resumed = **Submits go on.** RunComfy has taken on a request again; those that waited follow. There is nothing to do.

## Cancelling

cancel-cancelled = Cancelled. It cost nothing.
cancel-too-late = It is too late: RunComfy is already making it and does not stop. You will still get the video.
cancel-withheld = RunComfy is making it and charges for it, but it will not be posted. The member pays nothing.
cancel-asked = RunComfy has been asked to stop it. The card will show how it ends.
cancel-over = It had already ended.
cancel-not-yours = Only the person who asked for it, or a moderator, can cancel this.
job-unknown = I do not know that job any more.

## Credits

balance = You have { $count ->
    [one] { $count } credit
   *[other] { $count } credits
} in this server.

## Approval

approval-everything = Every request here needs a moderator’s yes.
approval-first-requests = One of this member’s first requests.
approval-price = Its price is over the server’s limit.
approval-flagged = The server’s filter found something in the prompt.
question-title = ### { $member } asks in { $channel }
question-facts = { $title } · { $price ->
    [one] { $price } credit
   *[other] { $price } credits
} held
question-over = That request does not wait any more.
button-approve = Approve
button-reject = Reject
reject-title = Reject the request
reject-reason = Why? The member reads it.

## Moderators: the board, the commands

refused-permission-manage_messages = Only moderators can do that.
moderate-cancelled = Stopped. It costs nothing, and { $member } has the credits back.
moderate-withheld = RunComfy is already making it and charges you for it, so it counts against this month’s budget. It will not be posted, and { $member } has the credits back.
moderate-too-late = Too late: the video is being posted at this very moment. Take it down with the Report button under it.
moderate-asked = RunComfy has not answered yet. Whatever it says, the video will not be posted, and { $member } gets the credits back.
moderate-over = It had already ended.
moderate-unknown = This server has no such job. Choose one from the list that appears while you type.
moderate-member-none = { $member } has no open requests.
moderate-member-done = { $member }: { $count ->
    [one] { $count } open request
   *[other] { $count } open requests
}.
moderate-count-cancelled = - { $count } stopped; no cost
moderate-count-withheld = - { $count } already being made: not posted, charged to you and not to the member
moderate-count-asked = - { $count } being asked for; not posted either way
moderate-count-too-late = - { $count } being posted at this very moment
moderate-count-over = - { $count } had ended
moderate-blocked = { $member } may not ask for videos { $until ->
    [never] until somebody unblocks them
   *[other] until { $until }
}. Open requests go on; stop them with /moderate cancel-member.
moderate-unblocked = { $member } may ask for videos again.
moderate-not-blocked = { $member } is not blocked.
moderate-bad-duration = “{ $text }” is no duration I understand. Write a number and a unit, such as 30m, 12h, 7d or 2w (up to ten years), or forever.
moderate-paused = New requests are refused from now on. What was accepted goes on; /moderate resume opens the desk again.
moderate-resumed = New requests are taken again.
moderate-paused-already = New requests were paused already.
moderate-resumed-already = New requests were not paused.
moderate-reconciled-ran = Settled: RunComfy made it, so { $price ->
    [one] { $price } credit counts
   *[other] { $price } credits count
} against the month’s budget. The member paid nothing.
moderate-reconciled-never-ran = Settled: RunComfy never took it, so { $price ->
    [one] { $price } credit is
   *[other] { $price } credits are
} free again in the month’s budget.
moderate-reconcile-over = That job does not wait to be settled.
settle-question = RunComfy’s answer to job { $job } was lost on { $when }. Look for it in RunComfy’s list of requests: was it made there? The member’s credits went back at once; this is about the server’s budget alone.
button-settle-ran = It was made
button-settle-never-ran = It is not there

board-title = ### Requests of this server
board-empty = Nothing is open, and nothing waits for you.
board-page = -# Page { $page } of { $pages } · { $count ->
    [one] { $count } request
   *[other] { $count } requests
} · { $when }
board-row = **{ $title }** for { $member }, { $when }
board-row-facts = -# { $state } · { $price ->
    [one] { $price } credit
   *[other] { $price } credits
} · job { $job }
board-choice = { $job } · { $state } · { $model } · { $prompt }
board-state-awaiting_approval = waits for your yes
board-state-queued = waits for a free place
board-state-submitting = on its way to RunComfy
board-state-in_queue = waits at RunComfy
board-state-in_progress = rendering
board-state-rendered = being posted
board-state-uncertain = submit uncertain
board-stopping = { $state }, asked to stop
button-board-decide = Decide
button-board-stop = Stop
button-board-settle = Settle
button-board-back = Back
button-board-on = Next
button-board-refresh = Refresh

filter-added = From now on, prompts with { $text } { $verdict ->
    [refuse] are refused
   *[approve] wait for a moderator’s yes
}.
filter-added-nobody-to-ask = No moderators’ channel is set, so nobody could be asked: until there is one (/server settings), these prompts are refused.
filter-known = That filter is there already.
filter-refused = That cannot be used as a filter: { $reason }
filter-too-many = This server has { $limit } filters, which is the most. Remove one first.
filter-removed = Removed: { $text }
filter-unknown = There is no such filter. Choose one from the list that appears while you type.
filter-none = There are no filters.
filter-title = ### Filters
filter-line = - { $verdict ->
    [refuse] Refused
   *[approve] Approval first
}: { $kind ->
    [word] the word
   *[pattern] the pattern
} { $text }
filter-more = -# … and { $count } more. /moderate filter remove finds each of them.
filter-choice = { $verdict ->
    [refuse] refuse
   *[approve] approval
} · { $kind } · { $text }

## The audit trail, in the moderators’ channel and as a list

audit-title = ### Who did what
audit-empty = Nothing has happened yet.
audit-file = The audit trail, newest first, { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}.
audit-file-cut = Only the newest { $count } entries fit into the file.
audit-row = { $when } · { $line }
button-audit-newest = Newest
button-audit-older = Older
audit-reason = > { $reason }
audit-link = [job { $job }]({ $link })
audit-plain-job = job { $job }
audit-cancelled = { $actor } cancelled a request of { $member }: { $job }. It cost nothing.
audit-withheld = { $actor } kept back a video of { $member }: { $job }. RunComfy charges for it; the member does not pay.
audit-blocked = { $actor } blocked { $member } { $until ->
    [never] until somebody unblocks them
   *[other] until { $until }
}.
audit-unblocked = { $actor } unblocked { $member }.
audit-paused = { $actor } paused new requests.
audit-resumed = { $actor } opened the desk for new requests again.
audit-reconciled = { $actor } settled { $job }: { $settlement ->
    [ran] it was made at RunComfy and counts against the budget
   *[never-ran] RunComfy never took it, so the budget has it back
}.
audit-approved = { $actor } approved the request of { $member }: { $job }.
audit-rejected = { $actor } rejected the request of { $member }: { $job }.
audit-withdrawn = { $member } took the request back: { $job }.
audit-unanswered = Nobody answered the request of { $member } in time: { $job }. The credits went back.
audit-taken-down = { $actor } took down a video of { $member }: { $job }.
audit-refunded = { $actor } gave { $member } back { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
} for { $job }.
audit-reported = { $actor } reported a video of { $member }: { $job }.
audit-granted = { $actor } gave { $member } { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
}.
audit-revoked = { $actor } took { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
} from { $member }.
audit-filter-added = { $actor } added a filter: { $text } ({ $verdict ->
    [refuse] refused
   *[approve] approval first
}).
audit-filter-removed = { $actor } removed a filter: { $text }.
audit-settings-changed = { $actor } changed the settings: { $changed }.
audit-budget-warning = { $percent } % of the budget of { $limit } credits for { $month } is used up or set aside.{ $percent ->
    [100] { " " }Nothing more is accepted this month.
   *[other] { "" }
}
audit-uncertain = The connection to RunComfy broke while a request of { $member } was sent: { $job }. It may be running there and be charged. { $member } has the credits back; settle it here or with /moderate reconcile.

## What a member is told about a moderator’s decision, as a reply to the card

told-approved = { $member } your request was approved. It goes ahead now.
told-rejected = { $member } a moderator rejected your request. Your credits are back.
told-unanswered = { $member } no moderator answered your request in time. Your credits are back; ask again if you like.
told-taken-down = { $member } a moderator took your video down.{ $credits ->
    [0] { "" }
   *[other] { " " }You have the { $credits } credits back.
}
told-reason = > { $reason }

## Reported videos

reported-down = Take down
reported-refund = Take down and refund
reported-block = Block member
reported-done = ✔ { $actor } took it down.
reported-done-refund = ✔ { $actor } took it down and gave the credits back.
reported-over = That video is not there any more.
reported-discord = Discord does not let me delete it right now. Nothing was changed; try again in a minute.
block-title = Block the member
block-duration = For how long? (30m, 12h, 7d, 2w or forever)
block-reason = Why? The member reads it.

## Server settings

language-name = English
refused-permission-manage_guild = Only members who may manage the server can do that.
settings-title = ### Settings of this server
settings-line = **{ $name }:** { $value }
settings-saved = ✔ Saved.
settings-refused = ✘ Nothing was changed.
settings-tiers = { $count ->
    [0] **Tiers:** none. `/server tier set` makes one.
    [one] **Tiers:** one. `/server tier list` shows it.
   *[other] **Tiers:** { $count }. `/server tier list` shows them.
}
settings-paused = **New requests:** paused. `/moderate resume` takes them again.
settings-open = **New requests:** taken. `/moderate pause` stops them.

setting-name-allowed_channels = Videos are made in
setting-name-moderators_channel = Moderators’ channel
setting-name-gallery_channel = Gallery
setting-name-gallery_stars = Stars for the gallery
setting-name-quote_above = Quote before Generate
setting-name-approval = Approval
setting-name-approve_first = First requests that need approval
setting-name-approve_above = Price that needs approval
setting-name-approve_everything = Approval
setting-name-budget = Budget
setting-name-jobs_at_once = Requests at once
setting-name-language = Language of cards
setting-name-tiers = Tiers
setting-name-allowance = allowance
setting-name-period = period
setting-name-cap = cap
setting-name-cooldown_s = cooldown
setting-name-priority = priority
setting-name-models = models
setting-name-max_resolution = max_resolution
setting-name-max_duration_s = max_duration

setting-allowed_channels-none = Any channel
setting-moderators_channel-none = No channel
setting-gallery_channel-none = No channel
setting-approval-off = Nothing waits
setting-approval-everything = Every request waits for a moderator
setting-approval-some = Some wait: a member’s first, or expensive ones…
setting-approval-change = Choose what waits for a moderator
setting-approval-first = { $count ->
    [one] A member’s first request waits
   *[other] A member’s first { $count } requests wait
}
setting-approval-above = { $count ->
    [one] requests over { $count } credit wait
   *[other] requests over { $count } credits wait
}
setting-language-none = The server’s own
setting-budget = { $count ->
    [0] 0 credits a month, so nothing is accepted
    [one] { $count } credit a month
   *[other] { $count } credits a month
}
setting-budget-none = No limit
setting-quote_above = { $count ->
    [one] Over { $count } credit
   *[other] Over { $count } credits
}
setting-quote_above-none = Never
setting-jobs_at_once = At most { $count } in the whole server
setting-jobs_at_once-none = No limit for the server
setting-gallery_stars = { $count }

setting-button-budget = Budget…
setting-button-quote_above = Quote…
setting-button-jobs_at_once = At once…
setting-button-gallery_stars = Stars…
setting-button-again = Correct it
setting-form-budget = Monthly budget
setting-form-quote_above = Quotes
setting-form-jobs_at_once = Requests at once
setting-form-gallery_stars = Gallery
setting-form-approval = What waits for a moderator
setting-field-budget = Credits the server may spend a month
setting-field-quote_above = Show a quote first over this price
setting-field-jobs_at_once = Open requests in the whole server
setting-field-gallery_stars = Stars of different members
setting-field-approve_first = How many first requests of a member
setting-field-approve_above = Requests over this price, in credits
setting-hint-budget = Empty: no limit
setting-hint-quote_above = Empty: never; 0: for everything that is not free
setting-hint-jobs_at_once = Empty: no limit
setting-hint-gallery_stars = From 1 to 1000
setting-hint-approve_first = Empty: none
setting-hint-approve_above = Empty: whatever it costs

setting-problem-int_parsing = **{ $name }** has to be a whole number, written in digits alone.
setting-problem-greater_than_equal = **{ $name }** has to be at least { $limit }.
setting-problem-less_than_equal = **{ $name }** can be at most { $limit }.
setting-problem-too_long = **{ $name }**: at most { $limit }. Remove one first.
setting-problem-string_pattern_mismatch = **{ $name }** is written like 720p or 4k.
setting-problem-unknown-model = **{ $name }** can be { $limit }, with commas between them, or all.
setting-problem-cannot-post = **{ $name }**: I lack { $limit } in that channel. Allow it for me there, then choose the channel again.
setting-problem-nobody-to-ask = Requests can only wait where moderators are asked. Choose the moderators’ channel before approval, and switch approval off before the channel goes.

## Tiers

tier-everyone = everyone
tier-allowance-day = { $count ->
    [one] { $count } credit a day
   *[other] { $count } credits a day
}, up to { $cap }
tier-allowance-week = { $count ->
    [one] { $count } credit a week
   *[other] { $count } credits a week
}, up to { $cap }
tier-jobs = { $count } at once
tier-cooldown = { $time } between requests
tier-priority = priority { $count }
tier-models = { $models }
tier-resolution = up to { $limit }
tier-duration = up to { $count } s
tiers-title = Tiers of this server. A member has the first one in this list that one of their roles gives.
tiers-none = This server has no tiers: every member has the same. `/server tier set` makes one.
tier-saved = Saved: { $tier }
tier-removed = Removed: { $tier }
tier-unknown = This server has no such tier. `/server tier list` shows those there are.

## Credits given and taken by staff

server-granted = { $member } has been given { $count ->
    [one] { $count } credit
   *[other] { $count } credits
} and now has { $balance }.
server-granted-told = { $member }, you have been given { $count ->
    [one] { $count } credit
   *[other] { $count } credits
}. { $reason }
server-revoked = { $taken ->
    [one] { $taken } credit was
   *[other] { $taken } credits were
} taken from { $member }, of { $asked } asked for; { $balance } left.
server-revoked-told = { $member }, { $count ->
    [one] { $count } credit was
   *[other] { $count } credits were
} taken back. { $reason }
server-credits-bot = Bots make no videos, so they need no credits.

## Usage of a server

usage-title = ### Usage in { $month }
usage-budget = Budget: { $limit } credits; { $spent } spent, { $held } held by requests under way, { $left } left ({ $percent } % used).
usage-no-budget = Budget: no limit; { $spent } spent, { $held } held by requests under way.
usage-none = No request ended in this month.
usage-columns = model,videos,ok,credits,dollars,$/credit
usage-total = all
usage-unpriced = RunComfy named no cost for { $count } of them: what they cost is not in the dollars.
usage-top = **Who made most**
usage-member = { $place }. { $member }: { $videos ->
    [one] { $videos } video
   *[other] { $videos } videos
}, { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
}
usage-earlier = **Months**
usage-month = { $month }: { $videos ->
    [one] { $videos } video
   *[other] { $videos } videos
}, { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
}, ${ $dollars }
usage-bad-month = Months are written like 2026-11.

## The buttons under a posted video

button-result-again = Again
button-result-edit = Edit & run
button-result-delete = Delete
button-result-delete-now = Delete it for everybody
button-result-report = Report
edit-title = Edit & run
delete-sure = The video goes away for everybody, and no credits come back for it.
delete-done = Deleted.
delete-not-yours = Only the person who asked for it, or a moderator, can delete this.
report-title = Report this video
report-reason = What is wrong with it? Moderators read this.
report-own = This one is yours. You can delete it.
report-sent = Thank you. The moderators will look at it.
report-twice = You have reported this video before. The moderators know.

## A member’s wallet

balance-allowance = You get { $amount ->
    [one] { $amount } credit
   *[other] { $amount } credits
} { $period ->
    [day] a day
   *[other] a week
}, up to a balance of { $cap }. Next: { $when }
credits-nothing = Nothing has moved in your wallet yet.
movement-opening = A welcome gift
movement-allowance = Your allowance for { $period }
movement-hold = Set aside for job `{ $job }`
movement-release = Back from job `{ $job }`, which brought no video
movement-refund = Refunded by a moderator for job `{ $job }`
movement-given = A gift to { $member }
movement-received = A gift from { $member }
movement-granted = Granted
movement-revoked = Taken back
give-done = You gave { $count ->
    [one] { $count } credit
   *[other] { $count } credits
} to { $member }. You have { $balance } left.
give-told = { $member }, { $giver } gives you { $count ->
    [one] { $count } credit
   *[other] { $count } credits
}.
give-self = These are yours already.
give-bot = Bots have no use for credits.
give-stranger = That person is not in this server.
give-too-little = You cannot give { $needed ->
    [one] { $needed } credit
   *[other] { $needed } credits
}: you have { $available }. What open requests hold cannot be given away.
button-newer = Newer
button-older = Older

## A member’s own jobs

jobs-nothing = You have asked for nothing in this server yet.
jobs-unknown = You have no request with that number here. Pick one from the list.
job-line = `{ $job }` **{ $title }** · { $state } · { $price ->
    [0] free
    [one] { $price } credit
   *[other] { $price } credits
} · { $when }
job-title = ### { $title } · `{ $job }`
job-link-video = See the video
job-link-card = See its card
job-state-awaiting_approval = waits for a moderator
job-state-queued = waits for a place
job-state-submitting = on its way
job-state-in_queue = waits at RunComfy
job-state-in_progress = rendering
job-state-rendered = rendered
job-state-delivered = delivered
job-state-undeliverable = kept, not posted
job-state-failed = failed
job-state-rejected = rejected
job-state-cancelled = cancelled
job-state-expired = given up
job-state-uncertain = uncertain
job-price-held = { $price ->
    [0] It is free.
    [one] { $price } credit is set aside for it.
   *[other] { $price } credits are set aside for it.
}
job-price-paid = { $price ->
    [0] It was free.
    [one] You paid { $price } credit.
   *[other] You paid { $price } credits.
}
job-price-refunded = You paid { $price }, and all of it was refunded.
job-price-returned = You paid nothing.
job-rejected = The moderator’s words: { $reason }
job-taken-down = The video was taken down.
resend-delivered = It was posted: { $link }
resend-not-yet = It is not ready yet. Its card says how far it is.
resend-none = There is no video of it here.
resend-sent = I have sent it to you directly.
resend-here = I could not send it to you directly, so here it is. Save it: nobody else sees this, and it goes away.
resend-too-large = I could neither send it to you directly nor show it here. My operator has it on disk, up to its deletion: { $when }.
resend-gone = It is not here any more. Videos that could not be posted are kept for a while only; this one’s time ended { $when }.

## The gallery

gallery-title = ### ⭐ { $title } by { $member }
gallery-original = See the original

## Units

credits = { $count ->
    [one] { $count } credit
   *[other] { $count } credits
}
seconds = { $count } s

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
quote-change-prompt = What should happen in the video?
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
refused-server = I am not set up for this server. Its owner can ask my operator to add it.
refused-store = My books are closed for a moment, so nothing was done and nothing was spent. Try again in a minute.
unexpected = Something went wrong on my side. If credits were set aside, they come back by themselves. Reference: { $reference }

refused-budget = The server has { $left } of its monthly credits left, and this video costs { $needed }. Try a smaller one, or wait for the next month.
refused-filter = The words of this server’s filter stop that prompt. Nothing was spent.
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
limit-member-jobs = You have { $limit } open requests already, which is the most at once. Wait for one to finish.
limit-server-jobs = This server has { $limit } open requests already, which is the most at once. Try again soon.
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
state-delivered = Done. The video is in the reply below.
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
failure-cannot-post = I was not allowed to post in the channel.
failure-upload-too-large = The file is larger than this server accepts. Try a shorter or smaller video.
failure-cancelled = It was called off before it was made.
failure-not-approved = No moderator answered in time. Ask again.
failure-withheld = A moderator kept it back.

## The posted video

video-caption = { $member } { $title }
direct-delivered = Your video from { $channel } is here because I could not post it there. It was free.
direct-kept = Your request in { $channel } ended without a posted video. It was free.

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
question-approved = ✔ { $moderator } approved job { $job }.
question-rejected = ✘ { $moderator } rejected job { $job }. { $reason }
question-over = That request does not wait any more.
button-approve = Approve
button-reject = Reject
reject-title = Reject the request
reject-reason = Why? The member reads it.
moderators-only = Only moderators can do that.

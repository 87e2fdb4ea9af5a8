/// What time it is: CloudWatch's where that is known, else the wall clock's, carried on by a clock that nobody sets.
///
/// The wall clock is followed for as long as it goes about as fast as time does. A step of it is believed only once there is
/// a reason to: CloudWatch says the same, the time before it cannot be (a host that began in 1970), or it has held for a
/// while and CloudWatch says nothing. All times are nanoseconds. A value: neither clock nor store.
package struct TimeReckoning: Sendable, Equatable {
    /// How far the wall clock is from the reckoning, and since when.
    package struct Step: Sendable, Equatable {
        package var size: Int64
        package var since: Int64
        /// Whether CloudWatch has said that it is wrong.
        package var isRefuted = false
    }

    /// What followed from a look at a clock.
    package struct Verdict: Sendable, Equatable {
        /// The wall clock was set, by so much.
        package var stepped: Int64?
        /// By how much the reckoning was moved: all that is stamped by it has to follow.
        package var moved: Int64 = 0

        package init(stepped: Int64? = nil, moved: Int64 = 0) {
            self.stepped = stepped
            self.moved = moved
        }
    }

    /// From when on, and since when, what is stored may age only as fast as time goes.
    private struct Ceiling: Sendable, Equatable {
        var time: Int64
        var since: Int64
    }

    /// The time less the uptime.
    package private(set) var anchor: Int64
    /// While the wall clock says something else.
    package private(set) var step: Step?
    /// Whether CloudWatch has told the time.
    package private(set) var isHeard = false
    private var ceiling: Ceiling?

    package init(anchor: Int64) { self.anchor = anchor }

    package func time(at uptime: Int64) -> Int64 { uptime &+ anchor }

    /// The time by which what is stored is too old: no later than any clock says that might be right.
    package func age(at uptime: Int64) -> Int64 {
        var age = time(at: uptime)
        if let step, step.size < 0, age + step.size >= AgentLimits.eldestClock { age += step.size }
        if let ceiling { age = min(age, ceiling.time + uptime - ceiling.since) }
        return age
    }

    /// Whether it is certain how old a thing is.
    package var isCertain: Bool { ceiling == nil }

    /// A store was found whose newest window ended then: if more time has passed is not known yet.
    mutating func doubt(since time: Int64, uptime: Int64) { ceiling = Ceiling(time: time, since: uptime) }

    /// Looks at the wall clock.
    package mutating func observe(wall: Int64, uptime: Int64) -> Verdict {
        if let ceiling, uptime - ceiling.since >= AgentLimits.clockTrust.nanosecondsCount { self.ceiling = nil }
        let drift = wall - time(at: uptime)
        guard drift.magnitude > AgentLimits.clockStep.nanosecondsCount.magnitude else {
            anchor += drift
            step = nil
            return Verdict()
        }
        var verdict = Verdict()
        if let step, (step.size - drift).magnitude <= AgentLimits.clockStep.nanosecondsCount.magnitude {
            self.step?.size = drift
        } else {
            verdict.stepped = drift - (step?.size ?? 0)
            step = Step(size: drift, since: uptime)
        }
        if isToBeBelieved(wall: wall, uptime: uptime) {
            if drift > 0 { doubt(since: time(at: uptime), uptime: uptime) }
            verdict.moved = drift
            anchor += drift
            step = nil
        }
        return verdict
    }

    private func isToBeBelieved(wall: Int64, uptime: Int64) -> Bool {
        guard let step, !step.isRefuted, wall >= AgentLimits.eldestClock else { return false }
        if time(at: uptime) < AgentLimits.eldestClock { return true }
        return uptime - step.since >= AgentLimits.clockHold.nanosecondsCount
    }

    /// CloudWatch has told the time.
    /// - Parameter ahead: how far its clock was ahead of the wall clock.
    package mutating func hear(ahead: Int64, wall: Int64, uptime: Int64) -> Verdict {
        isHeard = true
        ceiling = nil
        let (theirs, ours) = (wall &+ ahead, time(at: uptime))
        let difference = theirs &- ours
        // Where the wall clock agrees with it, that is the more exact: a `Date` has no more than whole seconds.
        let wallIsRight = ahead.magnitude <= AgentLimits.clockStep.nanosecondsCount.magnitude
        // A clock that was set right is believed however small the step.
        let isConfirmed = step != nil && wallIsRight && ahead.magnitude < difference.magnitude
        guard isConfirmed || difference.magnitude >= AgentLimits.clockWarning.nanosecondsCount.magnitude else {
            step?.isRefuted = true
            return Verdict()
        }
        let move = wallIsRight ? wall - ours : difference
        anchor += move
        let drift = wall - time(at: uptime)
        let isOff = drift.magnitude > AgentLimits.clockStep.nanosecondsCount.magnitude
        step = isOff ? Step(size: drift, since: uptime, isRefuted: true) : nil
        return Verdict(moved: move)
    }
}

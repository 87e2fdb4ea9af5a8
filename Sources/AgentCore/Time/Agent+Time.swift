import AWSCore
import Logging

extension Agent {
    /// Finds out which clock the store's last windows were stamped by.
    static func epoch(
        _ store: AgentStore, _ steady: SteadyClock
    ) throws(AgentError) -> ClockEpoch {
        let bootID = steady.machine.bootID
        let known = try store.facts()[.clockEpoch].flatMap(ClockEpoch.init(text:))
        if let known, !bootID.isEmpty, known.bootID == bootID {
            steady.resume(anchor: known.anchor)
            return known
        }
        let newest = try store.newestSpan()
        if let endedAt = newest.endedAt { steady.doubt(since: endedAt) }
        return ClockEpoch(
            bootID: bootID, anchor: steady.state.anchor, lastSpan: newest.id,
            beganAt: steady.now.nanosecondsSince1970)
    }

    /// Looks whether somebody has set the wall clock.
    func watchClock() {
        // The answer to a request that is on its way decides on what is stamped as it was sent.
        guard !isSending else { return }
        let verdict = steady.observe()
        if let stepped = verdict.stepped { saySet(by: stepped, isBelieved: verdict.moved != 0) }
        if verdict.moved != 0 {
            if verdict.stepped == nil {
                let distance = Self.text(verdict.moved)
                logger.notice("the clock has stayed as it was set, \(distance), and is believed now")
            }
            moved(by: verdict.moved)
        }
        if unmoved != 0 { moveStored() }
        bringBack()
    }

    private func saySet(by stepped: Int64, isBelieved: Bool) {
        let message =
            "the clock was set \(Self.text(stepped)); "
            + (isBelieved
                ? "what was counted before is moved by as much."
                : "the agent goes on by the time that has passed until the new time is confirmed.")
        logger.warning("\(message)")
        note(CollectorNotice(kind: .clockSet, message: message))
    }

    private static func text(_ nanoseconds: Int64) -> String {
        let seconds = (nanoseconds.magnitude + 500_000_000) / 1_000_000_000
        return "\(seconds) s \(nanoseconds > 0 ? "forward" : "back")"
    }

    /// The reckoning was moved: the window that is under way, and all that this clock has stamped, go with it.
    func moved(by distance: Int64) {
        let length = configuration.publishPeriod.duration.nanosecondsCount
        let now = clock.now().nanosecondsSince1970
        // By whole periods, so that windows still end where periods do.
        let shift = now.boundary(length) - (now - distance).boundary(length)
        unmoved += shift
        for file in files.files { file.move(by: shift, since: epoch.beganAt) }
        epoch.beganAt = max(0, epoch.beganAt + shift)
        windowStart = max(0, windowStart + shift)
        filesSeenAt += shift
        scopesSeenAt = scopesSeenAt.mapValues { $0 + shift }
        keysWaitedSince = keysWaitedSince.mapValues { max(0, $0 + shift) }
        if prunedAt != .min { prunedAt += shift }
        (commitNotBefore, placesNotBefore) = (.min, .min)
        hasBroughtBack = false
        moveStored()
    }

    /// With the anchor as of now: it follows the wall clock while that is slewed.
    var currentEpoch: ClockEpoch {
        var current = epoch
        current.anchor = steady.state.anchor
        return current
    }

    private func moveStored() {
        do {
            try store.restamp(currentEpoch, by: unmoved)
            unmoved = 0
            (mayHaveUnsent, mayHaveHousework) = (true, true)
        } catch {
            // Again at the next tick; what is sent before that is sent as it is stamped.
            storeTrouble(error)
        }
    }

    /// Once it is certain what time it is.
    private func bringBack() {
        guard !hasBroughtBack, unmoved == 0, sink != nil, steady.state.isCertain else { return }
        let length = configuration.publishPeriod.duration.nanosecondsCount
        let latest = clock.now().nanosecondsSince1970.boundary(length)
        do {
            let hasAny = try store.bringBack(to: latest, tolerance: 2 * length)
            hasBroughtBack = true
            guard hasAny else { return }
            mayHaveUnsent = true
            logger.notice("windows that an earlier clock had put ahead of now are moved to the time before now")
        } catch {
            storeTrouble(error)
        }
    }

    /// What an answer told of CloudWatch's clock.
    /// - Returns: by how much the reckoning was moved, and whether the answer agrees with what it was before.
    func hearClock(of sink: any MetricSink) async -> (moved: Int64, agrees: Bool) {
        guard let ahead = await sink.clockOffset else { return (0, false) }
        let (verdict, remaining) = steady.hear(ahead: ahead)
        clockOffset = remaining
        let seconds = ahead.nanosecondsCount / 1_000_000_000
        if abs(seconds) >= AgentLimits.clockWarning.components.seconds {
            // A second more or less is no news.
            if saidLead.map({ abs($0 - seconds) > AgentLimits.clockWarning.components.seconds }) ?? true {
                saidLead = seconds
                trouble(
                    .clock,
                    "this host's clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead of") CloudWatch's; time stamps "
                        + "are corrected, but run a time service.")
            }
        } else {
            saidLead = nil
            ended(.clock, "this host's clock agrees with CloudWatch's again")
        }
        if verdict.moved == 0 { confirm() }
        return (verdict.moved, verdict.moved == 0)
    }

    /// What is stamped so far is right: no later step of the clock moves it.
    private func confirm() {
        guard unmoved == 0, let newest = try? store.newestSpan() else { return }
        (epoch.lastSpan, epoch.beganAt) = (newest.id, windowStart)
    }

    /// How far CloudWatch's clock is ahead of this host's wall clock.
    var wallClockOffset: Int64 {
        guard steady.state.isHeard else { return 0 }
        return clockOffset.nanosecondsCount + clock.now().nanosecondsSince1970
            - steady.machine.now().nanosecondsSince1970
    }
}

extension TelemetryFile {
    /// Follows the agent's clock, where its times are by that.
    func move(by shift: Int64, since beganAt: Int64) {
        if let committedAt, committedAt >= beganAt { self.committedAt = max(0, committedAt.plus(shift)) }
        startShift = startShift.plus(shift)
    }

    /// When its process began, which that wrote down by the wall clock.
    /// - Parameter step: how far that is from the agent's clock.
    func place(step: Int64, now: Int64, uptime: Int64) {
        guard !isPlaced else { return }
        isPlaced = true
        let (boot, latest) = (now - uptime, now + AgentLimits.clockStep.nanosecondsCount)
        let corrected = startedAt - step
        if step != 0, (boot...max(boot, latest)).contains(corrected) {
            startShift = startShift.plus(-step)
        } else if startedAt < AgentLimits.eldestClock {
            // Before the host had the time: some time since it began.
            startShift = startShift.plus(max(0, boot - startedAt))
        }
    }
}

extension Int64 {
    /// The last whole period's end.
    func boundary(_ length: Int64) -> Int64 { (self >= 0 ? self / length : (self - length + 1) / length) * length }
}

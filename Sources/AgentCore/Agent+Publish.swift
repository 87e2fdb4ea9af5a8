import AWSCore
import CloudWatch
import Logging
import Monitoring

extension Agent {
    /// Sends what may go now, newest first, until nothing is left or CloudWatch does not take it.
    /// - Parameter isLast: whether nobody will send later, so that no window waits for its moment.
    func publish(isLast: Bool = false) async {
        guard let sink else { return }
        defer { giveMemoryBack() }
        var hasSettled = false
        guard mayHaveUnsent || !unsettled.isEmpty, holdsDirectories() else { return }
        do {
            try settle()
            try store.expireBatches(now: steady.age)
            while !Task.isCancelled, holdsDirectories(), outbox.maySend(at: clock.now().nanosecondsSince1970) {
                let terms = terms(isLast: isLast)
                if let batch = try nextUnsuspected(terms) {
                    hasSettled = try await send(batch) || hasSettled
                } else if let witness = try witness() {
                    await ask(witness, sink)
                } else if let batch = try nextSuspect(terms) {
                    hasSettled = try await send(batch) || hasSettled
                } else {
                    break
                }
                report()
            }
            guard loss == nil else { return }
            // A commit that came while a request was on its way has said that there is more.
            if try store.hasNothingToSend() {
                mayHaveUnsent = false
                clearPendingMark()
            } else if hasSettled {
                markPending(try store.waitingCalls())
            }
        } catch let error as AgentError {
            storeTrouble(error)
        } catch {
            // A test's crash: nothing more happens.
        }
    }

    /// Sends a batch and writes down what becomes of it.
    /// - Returns: whether there was an answer to it.
    private func send(_ batch: StoredBatch) async throws -> Bool {
        guard let sink else { return false }
        try failpoint(.afterBatchTaken)
        guard let datums = try? DatumBlob.decode(batch.body) else {
            unsettled.append((.drop(reason: BatchFreezer.DropReason.damaged), batch))
            try settle()
            return false
        }
        if outbox.isTooLarge(datums: datums.count, at: clock.now().nanosecondsSince1970) {
            unsettled.append((.halve(reason: "as large as what was too large before"), batch))
            try settle()
            return false
        }
        if !batch.isApart {
            let apart = outbox.series.places(in: datums.lazy.map(\.datum))
            guard apart.isEmpty else {
                unsettled.append((.setApart(places: apart), batch))
                try settle()
                return false
            }
        }
        isSending = true
        let outcome = await carry(datums.map(\.datum), by: sink)
        let heard = await hearClock(of: sink)
        isSending = false
        // Whatever becomes of this batch, all that was stamped moves with the clock, and not without it.
        defer { if heard.moved != 0 { moved(by: heard.moved) } }
        try failpoint(.afterAnswer)
        unsettled.append((decision(on: outcome, batch, datums, heard), batch))
        try settle()
        try failpoint(.afterBatchSettled)
        return true
    }

    private func terms(isLast: Bool) -> FreezeTerms {
        FreezeTerms(
            builder: builder, now: clock.now(), clockOffset: clockOffset, phase: isLast ? .zero : sendPhase,
            ageNow: steady.age, isAgeCertain: steady.state.isCertain)
    }

    /// The next batch, marked as being sent. Windows become batches only when it is their turn; while CloudWatch does not
    /// take data, the batch that is there already is tried again and no window is frozen.
    private func nextUnsuspected(_ terms: FreezeTerms) throws(AgentError) -> StoredBatch? {
        let suspects = outbox.suspects.givingWay
        let others: BatchChoice = suspects.isEmpty ? .all : .allBut(suspects)
        if outbox.failures > 0, let probe = try store.takeNextBatch(upTo: terms.latestStamp, others) { return probe }
        // Where nothing is left to try again, since it was given up, a window is tried.
        let mayFreeze = outbox.failures == 0 || suspects.isEmpty
        while mayFreeze, let frozen = try store.freezeNext(terms, others) {
            if frozen.isDamaged || frozen.uncarried != 0 { note(frozen) }
            guard frozen.datums > 0 else { continue }
            // The making of a window's datums took more than their sending will.
            hasWorked = true
            giveMemoryBack()
            hasWorked = true
            break
        }
        return try store.takeNextBatch(upTo: terms.latestStamp, others)
    }

    /// Batches that fail where others do not come last.
    private func nextSuspect(_ terms: FreezeTerms) throws(AgentError) -> StoredBatch? {
        let due = outbox.suspects.due(at: clock.now().nanosecondsSince1970)
        if !due.isEmpty {
            if let batch = try store.takeNextBatch(upTo: terms.latestStamp, .among(due)) { return batch }
            outbox.forget(due)
        }
        guard outbox.series.isDue(at: clock.now().nanosecondsSince1970) else { return nil }
        return try store.takeNextApart(after: outbox.series.last, upTo: terms.latestStamp)
    }

    /// What shows whether a suspect alone is not taken: how many datums wait now, which nobody misses if it is lost or adds
    /// to anything if it comes twice; nil when no witness is needed.
    private func witness() throws(AgentError) -> MetricDatum? {
        let now = clock.now()
        guard try awaitsWitness(at: now.nanosecondsSince1970), let scope = try anyScope() else { return nil }
        return MetricDatum(
            name: MetricCatalog.agentPendingDatums.name, dimensions: scope.published.serviceDimensions,
            timestamp: builder.stamp(endingAt: now.advanced(by: clockOffset).nanosecondsSince1970),
            unit: MetricCatalog.agentPendingDatums.unit, value: .single(Double(try store.pendingDatums())))
    }

    private func awaitsWitness(at now: Int64) throws(AgentError) -> Bool {
        if outbox.suspects.awaitsWitness(at: now) { return true }
        guard outbox.series.isDue(at: now), outbox.series.awaitsWitness(at: now) else { return false }
        return try store.hasApart()
    }

    private func anyScope() throws(AgentError) -> MonitoringScope? {
        if let scope = configuredScope ?? scopesSeenAt.keys.min() { return scope }
        return try store.anyScope()
    }

    private func ask(_ witness: MetricDatum, _ sink: any MetricSink) async {
        let outcome = await carry([witness], by: sink)
        outbox.hear(witness: outcome, now: clock.now().nanosecondsSince1970, random: clock.random())
    }

    private func note(_ frozen: FrozenSpan) {
        let message =
            frozen.isDamaged
            ? "\(store.path): a window that waited for CloudWatch was damaged; its calls are dropped."
            : "\(store.path): \(frozen.uncarried) calls of a window are in none of its datums; please report this fault."
        files.note(CollectorNotice(kind: frozen.isDamaged ? .damagedWindow : .ledgerGap, message: message))
    }

    /// A refusal under a clock that was wrong is none of a datum's: bisecting would drop one after the other.
    private func decision(
        on outcome: SendOutcome, _ batch: StoredBatch, _ datums: [PublishedDatum], _ heard: (moved: Int64, agrees: Bool)
    ) -> BatchDecision {
        if case .refused(let reason) = outcome {
            if heard.moved != 0 { return .retry(reason: reason, mayHaveCounted: false) }
            if SendOutcome.isOfTimeStamps(reason), !heard.agrees || isInOrder(batch) {
                return outbox.wait(
                    heard.agrees
                        ? "it refuses the time stamps, which are in order by the time that it tells"
                        : "it refuses the time stamps and does not say what time it is; set this host's clock right, "
                            + "which is believed once it has held for ten minutes",
                    now: clock.now().nanosecondsSince1970, random: clock.random())
            }
        }
        return outbox.decide(
            outcome,
            of: SentBatch(
                id: batch.id, datums: datums.count, isHalf: batch.probe > 0, isApart: batch.isApart,
                only: datums.count == 1 ? datums.first.map { SuspectSeries.Name($0.datum) } : nil),
            now: clock.now().nanosecondsSince1970, random: clock.random())
    }

    /// Whether CloudWatch, by its own clock, has no reason to refuse the batch for its time stamps.
    private func isInOrder(_ batch: StoredBatch) -> Bool {
        let theirs = clock.now().advanced(by: clockOffset)
        return batch.oldest >= theirs.advanced(by: .zero - AgentLimits.publishableAge).nanosecondsSince1970
            && batch.newest <= theirs.advanced(by: AgentLimits.publishableLead).nanosecondsSince1970
    }

    /// Writes down what was decided. A decision that cannot be written stays here; should the agent die before it can, the
    /// batch counts as ambiguous, which it then is for all that the store knows.
    private func settle() throws(AgentError) {
        while let (decision, batch) = unsettled.first {
            try store.apply(decision, to: batch, at: clock.now())
            unsettled.removeFirst()
            switch decision {
            case .quarantine(let reason):
                logger.warning("CloudWatch refused a datum, which is put aside: \(reason)")
            case .setAlone(let reason, _, let newly?):
                logger.warning(
                    """
                    CloudWatch fails on \(newly) while it takes others; its datums are set apart, tried again now and then, \
                    and put aside where an hour changes nothing: \(reason)
                    """
                )
            case .putAside(let reason, _):
                logger.warning("CloudWatch takes everything but one datum, which is put aside: \(reason)")
            default: break
            }
        }
    }

    private func report() {
        // An answer that was not waited for says nothing of CloudWatch.
        guard !isCutShort else { return }
        if outbox.trouble.isEmpty {
            ended(.publish, "CloudWatch takes data again")
        } else {
            trouble(.publish, "CloudWatch does not take data now; it is kept and sent later: \(outbox.trouble)")
        }
    }
}

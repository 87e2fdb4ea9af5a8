import AWSCore
import CloudWatch
import Logging

extension Agent {
    /// Sends what may go now, newest first, until nothing is left or CloudWatch does not take it.
    func publish() async {
        guard let sink else { return }
        do {
            try settle()
            guard try store.pendingDatums() > 0 else { return }
            try store.expireBatches(now: clock.now())
            while !Task.isCancelled, outbox.maySend(at: clock.now().nanosecondsSince1970),
                let batch = try store.takeNextBatch()
            {
                try failpoint(.afterBatchTaken)
                guard let datums = try? DatumBlob.decode(batch.body) else {
                    unsettled.append((.drop(reason: "damaged in the store"), batch))
                    try settle()
                    continue
                }
                let outcome = await sink.send(datums)
                try failpoint(.afterAnswer)
                let decision = outbox.decide(
                    outcome, datums: batch.datumCount, now: clock.now().nanosecondsSince1970, random: clock.random())
                unsettled.append((decision, batch))
                try settle()
                try failpoint(.afterBatchSettled)
                report()
            }
        } catch let error as AgentError {
            trouble(.store, error.message)
        } catch {
            // A test's crash: nothing more happens.
        }
    }

    /// Writes down what was decided. A decision that cannot be written stays here; should the agent die before it can, the
    /// batch counts as ambiguous, which it then is for all that the store knows.
    private func settle() throws(AgentError) {
        while let (decision, batch) = unsettled.first {
            try store.apply(decision, to: batch, at: clock.now())
            unsettled.removeFirst()
            if case .quarantine(let reason) = decision {
                logger.warning("CloudWatch refused a datum, which is put aside: \(reason)")
            }
        }
    }

    private func report() {
        if outbox.trouble.isEmpty {
            ended(.publish, "CloudWatch takes data again")
        } else {
            trouble(.publish, "CloudWatch does not take data now; it is kept and sent later: \(outbox.trouble)")
        }
    }
}

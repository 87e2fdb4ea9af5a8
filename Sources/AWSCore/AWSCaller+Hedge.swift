extension AWSCaller {
    /// What two attempts beside each other came to.
    struct HedgedExchange {
        /// The first answer; the last failure where there was none.
        var winner: ReadExchange
        /// The other attempt, cancelled or failed; none where no second one went.
        var losers: [ReadExchange]
        /// From the first attempt's beginning to the winner's end.
        var duration: Duration
    }

    private enum HedgeEvent: Sendable {
        case ended(Exchange)
        case due
        case nothing
    }

    /// Sends a request, and where no answer has come after `delay` the same request beside it, signed anew, if the budget
    /// has it. The first answer that a retry would not better wins, and the other attempt is cancelled.
    ///
    /// - Parameters:
    ///   - rate: the client's own in adaptive mode, which a second attempt does not wait for: it goes at once or not at all.
    ///   - accept: reads each answer until one wins.
    func hedged(
        _ request: HTTPRequest, after delay: Duration, budget: SharedHedge, rate: SharedSendRate?,
        accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) async -> HedgedExchange {
        let began = hooks.uptimeNanoseconds()
        return await withTaskGroup(of: HedgeEvent.self) { group in
            group.addTask { .ended(await exchange(request, as: .first)) }
            group.addTask { (try? await hooks.sleep(delay)) == nil ? .nothing : .due }
            var (underWay, losers) = (1, [ReadExchange]())
            var winner: ReadExchange?
            var duration = Duration.zero
            while let event = await group.next() {
                switch event {
                case .nothing: continue
                case .due:
                    // It ends with the first one at the latest, whose limits are within the call's.
                    let left = request.timeouts.attempt - hooks.elapsed(since: began)
                    guard winner == nil, !Task.isCancelled, left > .zero, budget.take(),
                        rate?.takeAtOnce(hooks: hooks) ?? true, let again = await signedAnew(request, within: left)
                    else { continue }
                    underWay += 1
                    group.addTask { .ended(await exchange(again, as: .second)) }
                case .ended(let exchange):
                    underWay -= 1
                    guard winner == nil else {
                        losers.append(ReadExchange(exchange) { _ throws(AWSFailure) in })
                        continue
                    }
                    let read = ReadExchange(exchange, accept: accept)
                    guard read.isAnswer || underWay == 0 else {
                        losers.append(read)
                        continue
                    }
                    winner = read
                    if underWay == 0, losers.isEmpty { winner?.exchange.hedge = nil }
                    duration = hooks.elapsed(since: began)
                    group.cancelAll()
                }
            }
            guard let winner else { preconditionFailure("the last attempt to end wins at the latest") }
            return HedgedExchange(winner: winner, losers: losers, duration: duration)
        }
    }

    private func exchange(_ request: HTTPRequest, as role: HedgeRole) async -> Exchange {
        var exchange = await exchange(request)
        exchange.hedge = role
        return exchange
    }

    private func signedAnew(_ request: HTTPRequest, within left: Duration) async -> HTTPRequest? {
        var again = request
        again.timeouts = request.timeouts.bounded(by: left)
        do throws(AWSFailure) {
            // Those of the first attempt are at hand; a source that has to be asked anew is not waited for.
            let moment = Duration.milliseconds(100)
            _ = try await sign(&again, offset: clockOffset.current, within: moment, of: moment)
            return again
        } catch {
            // The attempt that is under way decides.
            return nil
        }
    }
}

/// What came of a request, and what that means.
struct ReadExchange: Sendable {
    var exchange: Exchange
    /// Nil for success.
    var failure: AWSFailure?

    init(_ exchange: Exchange, accept: (HTTPResponse) throws(AWSFailure) -> Void) {
        self.exchange = exchange
        failure = AWSCaller.read(exchange.result, accept: accept)
    }

    /// Whether the service said something that the other attempt would not say better: not where it failed, nor where it asks for
    /// less, nor where its answer was damaged on the way, while the other may still be served.
    var isAnswer: Bool {
        guard case .success = exchange.result else { return false }
        return failure.map { $0.retryKind == .never } ?? true
    }
}

/// Which of two attempts beside each other one was.
public enum HedgeRole: String, Sendable, Hashable {
    /// The one that was slow.
    case first
    /// The one that went beside it.
    case second
}

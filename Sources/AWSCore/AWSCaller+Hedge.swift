extension AWSCaller {
    /// What two attempts beside each other came to.
    struct HedgedExchange {
        /// The first answer; the last failure where there was none.
        var winner: Exchange
        /// The other attempt, cancelled or failed; none where no second one went.
        var losers: [Exchange]
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
    /// - Parameter rate: the client's own in adaptive mode, which a second attempt does not wait for: it goes at once or not at all.
    func hedged(
        _ request: HTTPRequest, after delay: Duration, budget: SharedHedge, rate: SharedSendRate?
    ) async -> HedgedExchange {
        let began = hooks.uptimeNanoseconds()
        return await withTaskGroup(of: HedgeEvent.self) { group in
            group.addTask { .ended(await exchange(request, as: .first)) }
            group.addTask { (try? await hooks.sleep(delay)) == nil ? .nothing : .due }
            var (underWay, losers) = (1, [Exchange]())
            var winner: Exchange?
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
                    guard winner == nil, exchange.isAnswer || underWay == 0 else {
                        losers.append(exchange)
                        continue
                    }
                    winner = exchange
                    if underWay == 0, losers.isEmpty { winner?.hedge = nil }
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

extension Exchange {
    /// Whether the service said something that a second attempt would not say better: not where it failed, nor where it asks for
    /// less, while the other attempt may still be served.
    var isAnswer: Bool {
        guard case .success(let response) = result else { return false }
        return (200..<300).contains(response.status) || AWSFailure(refusal: response).retryKind == .never
    }
}

/// Which of two attempts beside each other one was.
public enum HedgeRole: String, Sendable, Hashable {
    /// The one that was slow.
    case first
    /// The one that went beside it.
    case second
}

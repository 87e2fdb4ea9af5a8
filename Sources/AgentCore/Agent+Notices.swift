import AWSCore
import Logging

/// What the agent says once: in its log, and in the store for the reports.
extension Agent {
    /// Says what was met since the last tick.
    func reportNotices() {
        for notice in files.takeNotices() {
            // What lasts is met again and again; an agent that has just begun says it once more.
            guard lasting[notice] == nil || unsaid.remove(notice) != nil else { continue }
            logger.warning("\(notice.message)")
            note(notice)
        }
    }

    /// Writes a notice down; one of a state that lasts, once.
    func note(_ notice: CollectorNotice) {
        guard lasting[notice] == nil, let number = try? store.note(notice, at: clock.now()) else { return }
        if notice.kind.lasts { lasting[notice] = number }
    }

    /// Writes down of which states that were noted the end has come.
    func endNotices() {
        for (notice, number) in lasting where !stands(notice) {
            guard (try? store.end(notice, number: number, at: clock.now())) != nil else { return }
            lasting[notice] = nil
            unsaid.remove(notice)
        }
    }

    private func stands(_ notice: CollectorNotice) -> Bool {
        // An agent that has just begun does not know before its first commit.
        let isNew = vitals.committedAt == nil
        return switch notice.kind {
        case .fileUnreadable: files.standing.contains(notice.message)
        case .noFiles: files.files.isEmpty
        case .noDescriptors: troubles[.descriptors] == notice.message
        case .counterWentBackward: isNew || backward.contains(notice.message)
        case .budgetExceeded: isNew || troubles[.spending] == notice.message
        // Of events, which do not last.
        default: false
        }
    }

    /// What a commit has found of counters that went backward: it finds it anew each time, until they have caught up.
    func watchCounters() {
        backward = files.messages(of: .counterWentBackward)
        if let first = backward.min() {
            _ = troubles.begin(.backward, first, at: clock.now())
        } else {
            ended(.backward, "every counter has caught up")
        }
    }

    func trouble(_ topic: TroubleLog.Topic, _ message: String) {
        guard troubles.begin(topic, message, at: clock.now()) else { return }
        logger.warning("\(message)")
    }

    func ended(_ topic: TroubleLog.Topic, _ message: String) {
        guard let over = troubles.end(topic) else { return }
        logger.info("\(message)")
        let now = clock.now()
        guard let (kind, least) = topic.notice, over.since.duration(to: now) >= least else { return }
        // While it lasted the store may have taken nothing.
        _ = try? store.note(CollectorNotice(kind: kind, message: over.message), at: over.since, until: now)
    }
}

/// Says each trouble once when it begins and once when it ends, however often it is met.
struct TroubleLog: Sendable {
    enum Topic: Hashable, Sendable {
        case store, publish, files, backward, mark, budget, spending, clock, lock, descriptors

        /// What is noted of it when it is over, if it has lasted for so long; nil where nothing is, or where it is noted as long as
        /// it lasts.
        var notice: (kind: CollectorNotice.Kind, least: Duration)? {
            switch self {
            case .store: (.storeRefused, .zero)
            case .publish: (.publishRefused, AgentLimits.outage)
            case .files, .backward, .mark, .budget, .spending, .clock, .lock, .descriptors: nil
            }
        }
    }

    private var current: [Topic: (message: String, since: Timestamp)] = [:]

    /// Whether this is news.
    mutating func begin(_ topic: Topic, _ message: String, at time: Timestamp) -> Bool {
        let before = current.updateValue((message, current[topic]?.since ?? time), forKey: topic)
        return before?.message != message
    }

    /// What was said of it last, and since when it was so; nil where there was no such trouble.
    mutating func end(_ topic: Topic) -> (message: String, since: Timestamp)? { current.removeValue(forKey: topic) }

    subscript(topic: Topic) -> String? { current[topic]?.message }

    /// All that is wrong now.
    var messages: [String] { current.values.map(\.message).sorted() }
}

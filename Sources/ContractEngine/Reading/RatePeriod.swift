/// The time for which words such as "req/min", "per hour" or "RPM" give a rate.
struct RatePeriod {
    /// Seconds of that time; nil where the words name none.
    var seconds: Double?
    /// "per user": for each of something that is no time.
    var isPerOther = false
    /// The words that remain, in lower case.
    var rest: [String] = []

    private static let times: [String: Double] = [
        "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
        "h": 3_600, "hr": 3_600, "hrs": 3_600, "hour": 3_600, "hours": 3_600, "d": 86_400, "day": 86_400,
        "days": 86_400, "wk": 604_800, "week": 604_800, "weeks": 604_800, "mo": 2_592_000, "month": 2_592_000,
        "months": 2_592_000, "sek": 1, "sekunde": 1, "std": 3_600, "stunde": 3_600, "tag": 86_400,
    ]
    private static let units: [String: Double] = [
        "rps": 1, "qps": 1, "tps": 1, "rpm": 60, "qpm": 60, "tpm": 60, "rph": 3_600, "qph": 3_600, "tph": 3_600,
        "hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000,
    ]
    /// Words that say what happens, and nothing of how often.
    static let kinds: Set<String> = [
        "req", "reqs", "request", "requests", "call", "calls", "op", "ops", "operation", "operations", "read", "reads",
        "write", "writes", "query", "queries", "transaction", "transactions", "tx", "txn",
        "anfrage", "anfragen", "abfragen", "aufrufe", "zugriffe",
    ]

    init(_ text: some StringProtocol) {
        let spelt = text.lowercased().replacing("/", with: " per ")
        let words = spelt.split { !$0.isLetter }.map(String.init)
        self.init(words: words)
    }

    /// - Parameter words: in lower case, and "per" for a slash.
    init(words all: some Sequence<String>) {
        var words = Array(all)[...]
        while let word = words.popFirst() {
            let next = words.first
            if ["per", "pro", "a", "an", "each", "every"].contains(word),
                let time = next.flatMap({ RatePeriod.times[$0] })
            {
                words.removeFirst()
                seconds = seconds ?? time
            } else if word == "per" {
                isPerOther = true
            } else if let time = RatePeriod.units[word] {
                seconds = seconds ?? time
            } else {
                rest.append(word)
            }
        }
    }

    /// Whether a word is a time by itself: "5 min" is no rate.
    static func isTime(_ word: String) -> Bool { times[word] != nil }

    /// "a minute", as one says it.
    static func name(_ seconds: Double) -> String {
        switch seconds {
        case 60: "a minute"
        case 3_600: "an hour"
        case 86_400: "a day"
        case 604_800: "a week"
        case 2_592_000: "a month of 30 days"
        default: "a second"
        }
    }
}

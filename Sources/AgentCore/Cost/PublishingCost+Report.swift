import JSONBytes
import Monitoring

extension PublishingCost {
    /// The report for a person, without colours; ends with a newline.
    public func text() -> String {
        var lines = [
            "What publishing costs a month \(CloudWatchPrices.basis(factor: priceFactor)). Taken from \(basis).", "",
        ]
        var table = [["set", "series", "metrics"]]
        table += sets.map { [$0.set.rawValue, "\($0.series)", "\($0.metrics)"] }
        table.append(["all", "\(sets.reduce(0) { $0 + $1.series })", "\(metrics)"])
        lines += Self.columns(table)
        lines += [
            "",
            "bytes      \(bytesPerPeriod) a period, \(sentBytesPerPeriod) as sent; \(sentBytesPerMonth / 1_000_000) MB a month",
            "metrics    \(Self.dollars(metricDollarsPerMonth)) for \(metrics)",
            "requests   \(Self.dollars(requestDollarsPerMonth)) for \(requestsPerMonth), \(Self.number(requestsPerMinute)) a minute",
        ]
        if let alarmDollarsPerMonth { lines.append("alarms     \(Self.dollars(alarmDollarsPerMonth))") }
        lines.append("together   \(Self.dollars(dollarsPerMonth)) a month")
        if let budgetInDollarsPerMonth, let over = dollarsOverBudget {
            let verdict =
                over > 0
                ? "is exceeded by \(Self.dollars(over)): \(Self.fixed(hasContract: alarmDollarsPerMonth != nil)) are never folded"
                : "is kept"
            lines.append(
                "budget     \(Self.dollars(budgetInDollarsPerMonth)) a month for metrics and requests, which \(verdict)"
            )
        }
        if !folded.isEmpty {
            lines += ["", "\(folded.count) series are folded into `other`, for the budget's sake:"]
            lines += folded.prefix(Self.foldedShown).map { "  \($0)" }
            if folded.count > Self.foldedShown {
                lines.append("  and \(folded.count - Self.foldedShown) more, all of which `--format json` names")
            }
        }
        lines += [
            "",
            "Prices: \(CloudWatchPrices.source), for an account without other custom metrics; they vary by region: "
                + "set `price-factor`.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many folded series a person is shown: no more than fit on a screen with the rest.
    private static let foldedShown = 10

    /// The report for programs.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("basis", basis)
        writer.key("sets")
        writer.beginArray()
        for set in sets {
            writer.beginObject()
            writer.member("set", set.set.rawValue)
            writer.member("series", set.series)
            writer.member("metrics", set.metrics)
            writer.endObject()
        }
        writer.endArray()
        writer.member("metrics", metrics)
        writer.member("periodSeconds", periodInSeconds)
        writer.member("requestsPerPeriod", requestsPerPeriod)
        writer.member("requestsPerMinute", requestsPerMinute)
        writer.member("requestsPerMonth", requestsPerMonth)
        writer.member("bytesPerPeriod", bytesPerPeriod)
        writer.member("sentBytesPerPeriod", sentBytesPerPeriod)
        writer.member("sentBytesPerMonth", sentBytesPerMonth)
        writer.key("dollarsPerMonth")
        writer.beginObject()
        writer.member("metrics", Self.cents(metricDollarsPerMonth))
        writer.member("requests", Self.cents(requestDollarsPerMonth))
        if let alarmDollarsPerMonth { writer.member("alarms", Self.cents(alarmDollarsPerMonth)) }
        writer.member("total", Self.cents(dollarsPerMonth))
        if let budgetInDollarsPerMonth { writer.member("budget", budgetInDollarsPerMonth) }
        if let dollarsOverBudget { writer.member("overBudget", Self.cents(dollarsOverBudget)) }
        writer.endObject()
        writer.key("folded")
        writer.beginArray()
        for series in folded { writer.string(series) }
        writer.endArray()
        writer.member("prices", CloudWatchPrices.source)
        writer.member("priceRegion", "us-east-1")
        writer.member("priceFactor", priceFactor)
        writer.endObject()
        return writer.bytes
    }

    private static func cents(_ dollars: Double) -> Double { (dollars * 100).rounded() / 100 }

    static func dollars(_ amount: Double) -> String {
        let cents = Int((amount * 100).rounded())
        return "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\((value * 100).rounded() / 100)"
    }

    /// The first column to the left, numbers to the right.
    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) }
        return rows.map { row in
            row[0] + pad(row[0], widths[0]) + (1..<3).map { "  " + pad(row[$0], widths[$0]) + row[$0] }.joined()
        }
    }
}

import JSONBytes

public import struct AWSCore.Timestamp

/// What was looked at, what was found, and what to do about it.
public struct DoctorReport: Sendable {
    /// How a check came out.
    public enum Verdict: String, Sendable, Comparable {
        /// As it should be.
        case ok
        /// It works, and could be better, or will not work for ever.
        case warning
        /// It does not work.
        case problem

        private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }
        /// Worse is greater.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// One thing that was looked at.
    public struct Check: Sendable, Equatable {
        /// What it belongs to: "telemetry directory".
        public var area: String
        /// How it came out.
        public var verdict: Verdict
        /// What was found, in one sentence.
        public var what: String
        /// What to do; empty where nothing is to be done.
        public var fix: String

        /// A finding.
        public init(_ area: String, _ verdict: Verdict, _ what: String, fix: String = "") {
            self.area = area
            self.verdict = verdict
            self.what = what
            self.fix = fix
        }
    }

    /// When it was made.
    public var at: Timestamp
    /// Everything that was looked at, in order.
    public var checks: [Check]

    /// A report.
    public init(at: Timestamp, checks: [Check]) {
        self.at = at
        self.checks = checks
    }

    /// The worst of all.
    public var verdict: Verdict { checks.map(\.verdict).max() ?? .ok }

    private func count(_ verdict: Verdict) -> Int { checks.count { $0.verdict == verdict } }
}

extension DoctorReport {
    /// The report for a person, at most 100 columns wide.
    public func text(style: TextStyle = .plain) -> String {
        var lines = [style.paint("Tidemark", .heading) + " at \(at.iso8601): " + headline(style)]
        var area = ""
        for check in checks {
            if check.area != area {
                area = check.area
                lines += ["", style.paint(area.prefix(1).uppercased() + area.dropFirst(), .heading)]
            }
            lines += Self.lines(of: check, style)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func headline(_ style: TextStyle) -> String {
        let (problems, warnings) = (count(.problem), count(.warning))
        func many(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        if problems > 0 {
            let rest = warnings > 0 ? " and " + many(warnings, "warning") : ""
            return style.paint(many(problems, "problem") + rest, .bad)
        }
        if warnings > 0 { return style.paint(many(warnings, "warning"), .warning) }
        return style.paint("all \(checks.count) checks are fine", .good)
    }

    private static func lines(of check: Check, _ style: TextStyle) -> [String] {
        let (mark, role): (String, TextRole) =
            switch check.verdict {
            case .ok: ("✓", .good)
            case .warning: ("!", .warning)
            case .problem: ("✗", .bad)
            }
        var lines = check.what.split(separator: "\n").flatMap { Figures.wrap(String($0), indent: "    ") }
        guard !lines.isEmpty else { return [] }
        if check.verdict != .ok { lines = lines.map { "    " + style.paint(String($0.dropFirst(4)), role) } }
        lines[0] = "  " + style.paint(mark, role) + " " + lines[0].dropFirst(4)
        guard !check.fix.isEmpty else { return lines }
        var fix = Figures.wrap(check.fix, indent: "      ")
        fix[0] = "    " + style.paint("→", .quiet) + " " + fix[0].dropFirst(6)
        return lines + fix
    }

    /// The report for a program. Names and shapes are stable.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", at.iso8601)
        writer.member("verdict", verdict.rawValue)
        writer.list("checks", checks) { check, writer in
            writer.beginObject()
            writer.member("area", check.area)
            writer.member("verdict", check.verdict.rawValue)
            writer.member("what", check.what)
            writer.member("fix", check.fix)
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}

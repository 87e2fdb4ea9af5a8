/// Something in the documents that is wrong, or that a reader should know.
public struct Finding: Sendable, Equatable {
    /// How grave a finding is.
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// What follows from the documents would be wrong.
        case error
        /// The documents contradict each other or themselves.
        case warning
        /// Worth knowing; does not gate.
        case note

        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
    }

    /// The rule's stable id: "rps-total-differs".
    public var rule: String
    /// How grave it is.
    public var severity: Severity
    /// The file that it is in, as the caller named it.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in bytes, from 1; nil where the whole line is meant.
    public var column: Int?
    /// The JSON pointer of the value (RFC 6901): "/tables/0/pk"; nil where the document is no tree.
    public var pointer: String?
    /// What it speaks of, stable over edits: "AP29", "Products.GSI1", "Users ORDER.SK". A suppression may name it.
    public var subject: String
    /// What is wrong, in a sentence or two, with the numbers.
    public var message: String
    /// What to do about it.
    public var advice: String

    /// Makes a finding.
    public init(
        rule: String, severity: Severity, file: String, line: Int, column: Int? = nil, pointer: String? = nil,
        subject: String = "", message: String, advice: String
    ) {
        self.rule = rule
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.pointer = pointer
        self.subject = subject
        self.message = message
        self.advice = advice
    }
}

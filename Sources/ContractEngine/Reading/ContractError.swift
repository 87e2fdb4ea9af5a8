/// Why a file could not be used: every problem that was found in it.
public struct ContractError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One problem and where it is.
    public struct Problem: Sendable, Equatable {
        /// The file, as the caller named it.
        public var file: String
        /// The line, from 1; nil where the file could not be read at all.
        public var line: Int?
        /// The column in bytes, from 1; nil where the whole line is meant.
        public var column: Int?
        /// The JSON pointer of the value (RFC 6901): "/tables/0/pk"; nil where the document is no tree.
        public var pointer: String?
        /// What is wrong and what to do.
        public var text: String

        /// "file:line:column: what is wrong; what to do (at /tables/0/pk)".
        public var message: String {
            let place = [line, column].prefix { $0 != nil }.compactMap { $0.map(String.init) }
            let pointer = self.pointer.flatMap { $0.isEmpty ? nil : " (at \($0))" } ?? ""
            return ([file] + place).joined(separator: ":") + ": " + text + pointer
        }

        /// A problem and where it is.
        public init(
            file: String, line: Int? = nil, column: Int? = nil, pointer: String? = nil, text: String
        ) {
            self.file = file
            self.line = line
            self.column = column
            self.pointer = pointer
            self.text = text
        }

        package init(file: String, at position: Position, text: String) {
            self.init(
                file: file, line: position.line, column: position.column, pointer: position.pointer, text: text)
        }
    }

    /// The problems, in the file's order; at least one.
    public var problems: [Problem]

    /// More problems than this are counted and not told: whoever mends these sees the rest next time.
    static let mostProblemsTold = 200

    /// Gathers problems.
    public init(problems: [Problem]) { self.problems = problems }

    /// An error of one problem.
    public init(file: String, line: Int? = nil, column: Int? = nil, text: String) {
        problems = [Problem(file: file, line: line, column: column, text: text)]
    }

    /// The problems, one a line: "file:line:column: what is wrong; what to do".
    public var message: String {
        let told = problems.prefix(ContractError.mostProblemsTold).map(\.message)
        let rest = problems.count - told.count
        return (told + (rest > 0 ? ["… and \(rest) more at least; mend these first"] : [])).joined(separator: "\n")
    }

    public var description: String { message }
}

extension [ContractError.Problem] {
    /// One file's problems from its top to its end: they are found kind by kind, and people mend them from the top.
    var inOrder: [ContractError.Problem] {
        enumerated().sorted { left, right in
            let (leftPlace, rightPlace) = (
                (left.element.line ?? 0, left.element.column ?? 0), (right.element.line ?? 0, right.element.column ?? 0)
            )
            return leftPlace == rightPlace ? left.offset < right.offset : leftPlace < rightPlace
        }.map(\.element)
    }
}

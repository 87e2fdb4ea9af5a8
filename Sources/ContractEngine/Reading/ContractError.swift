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
        /// What is wrong and what to do.
        public var text: String

        /// A problem and where it is.
        public init(file: String, line: Int? = nil, column: Int? = nil, text: String) {
            self.file = file
            self.line = line
            self.column = column
            self.text = text
        }

        /// "file:line:column: what is wrong; what to do".
        public var message: String {
            let place = [line, column].prefix { $0 != nil }.compactMap { $0.map(String.init) }
            return ([file] + place).joined(separator: ":") + ": " + text
        }
    }

    /// The problems, in the file's order; at least one.
    public var problems: [Problem]

    /// Gathers problems.
    public init(problems: [Problem]) { self.problems = problems }

    /// An error of one problem.
    public init(file: String, line: Int? = nil, column: Int? = nil, text: String) {
        problems = [Problem(file: file, line: line, column: column, text: text)]
    }

    /// The problems, one a line: "file:line:column: what is wrong; what to do".
    public var message: String { problems.map(\.message).joined(separator: "\n") }

    public var description: String { message }
}

/// Why a telemetry file cannot be read.
public struct TelemetryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Sendable {
        /// The file cannot be opened or mapped.
        case unreadable
        /// The file is no telemetry file, or one that says impossible things about itself.
        case damaged
        /// The file was written by a newer Tidemark.
        case unsupportedVersion
    }

    /// What kind of trouble it is.
    public var code: Code
    /// The file.
    public var path: String
    /// One sentence: where, what, and what to do.
    public var message: String
    /// Whether it is only that this process has no descriptor left: the file may be as it should.
    package var isForWantOfDescriptors = false

    /// See ``message``.
    public var description: String { message }
}

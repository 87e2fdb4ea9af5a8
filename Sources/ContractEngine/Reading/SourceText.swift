#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a document under the name by which messages call it.
public struct SourceText: Sendable, Equatable {
    /// What messages call the document: its path as the user gave it.
    public var name: String
    /// The document's bytes.
    public var bytes: [UInt8]

    /// Names bytes. A byte-order mark in front, which editors write, is left out: it says nothing that UTF-8 does not.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// Names a text.
    public init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    /// Refuses a document in an encoding that would be read as nothing.
    func requireUTF8() throws(ContractError) {
        let start = bytes.first { $0 != 32 && $0 != 10 && $0 != 13 && $0 != 9 } ?? 0
        guard start < 0xFE else {
            throw ContractError(
                file: name, line: 1, column: 1, text: "the file is UTF-16 and not UTF-8; save it as UTF-8")
        }
    }

    /// The largest document that is read, in bytes: far above any contract, far below what would hurt.
    public static let maximumBytes = 16 << 20

    /// Reads a file whole.
    ///
    /// - Throws: `ContractError` where the file is missing, unreadable, not a plain file or larger than `maximumBytes`.
    public static func read(path: String) throws(ContractError) -> SourceText {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ContractError(file: path, text: "\(errorText(errno)); check the path and its permissions")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ContractError(file: path, text: "this is not a plain file; give the path of the document itself")
        }
        guard status.st_size <= maximumBytes else {
            throw ContractError(file: path, text: "the file is larger than 16 MB; is this really the document?")
        }
        return SourceText(name: path, bytes: try readAll(descriptor, path: path, expected: Int(status.st_size)))
    }

    private static func readAll(_ descriptor: CInt, path: String, expected: Int) throws(ContractError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(expected + 1)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= maximumBytes {
            let count = chunk.withUnsafeMutableBytes { Int(systemRead(descriptor, $0)) }
            if count == 0 { return bytes }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ContractError(file: path, text: "\(errorText(errno)) while reading it") }
            bytes.append(contentsOf: chunk[..<count])
        }
        throw ContractError(file: path, text: "the file grew past 16 MB while it was read; try again")
    }

    private static func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func errorText(_ code: CInt) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES: "the file may not be read"
        default: String(cString: strerror(code))
        }
    }
}

/// A place in a document.
package struct Position: Sendable, Hashable {
    /// The line, from 1.
    package var line: Int
    /// The column in bytes, from 1; nil for the whole line.
    package var column: Int?
    /// The way to the value that stands there; nil where the document is no tree. It becomes a text when somebody asks for it:
    /// a contract has many places, and few are ever told.
    private var path: DocumentPath?

    /// The JSON pointer of the value that stands there; nil where the document is no tree.
    package var pointer: String? { path?.pointer }

    package init(line: Int, column: Int? = nil) {
        self.line = line
        self.column = column
    }

    init(line: Int, column: Int, path: DocumentPath) {
        self.init(line: line, column: column)
        self.path = path
    }

    package static func == (left: Position, right: Position) -> Bool {
        left.line == right.line && left.column == right.column && left.pointer == right.pointer
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(line)
        hasher.combine(column)
    }
}

/// The folder that a code host knows as the repository's, from which a report names its files: so the report says the same on
/// whatever machine it was written.
public struct ReportRoot: Sendable, Equatable {
    /// The folder's absolute path.
    public var path: String
    /// Where paths that are not absolute begin.
    public var workingDirectory: String

    /// Pairs the paths, both absolute.
    public init(path: String, workingDirectory: String) {
        self.path = "/" + ReportRoot.parts(of: path).joined(separator: "/")
        self.workingDirectory = "/" + ReportRoot.parts(of: workingDirectory).joined(separator: "/")
    }

    /// The innermost folder around the working directory that is a repository's; the working directory itself where none is.
    public static func around(workingDirectory: String, isRepository: (String) -> Bool) -> ReportRoot {
        var parts = parts(of: workingDirectory)
        while !parts.isEmpty {
            let folder = "/" + parts.joined(separator: "/")
            if isRepository(folder) { return ReportRoot(path: folder, workingDirectory: workingDirectory) }
            parts.removeLast()
        }
        return ReportRoot(path: workingDirectory, workingDirectory: workingDirectory)
    }

    /// The name that SARIF gives the folder: code hosts put the checkout's in its place.
    static let baseID = "%SRCROOT%"

    /// A file's URI from the root; outside it, its absolute URI.
    func uri(of file: String) -> (text: String, isRelative: Bool) {
        let absolute = ReportRoot.parts(of: file.hasPrefix("/") ? file : "\(workingDirectory)/\(file)")
        let root = ReportRoot.parts(of: path)
        guard absolute.count > root.count, absolute.starts(with: root) else {
            return ("file:///" + LintReport.uri(absolute.joined(separator: "/")), false)
        }
        return (LintReport.uri(absolute.dropFirst(root.count).joined(separator: "/")), true)
    }

    /// The root's own URI, which ends in a slash as SARIF wants it.
    var uri: String { "file://" + LintReport.uri(path == "/" ? "/" : path + "/") }

    /// The folders of a path, "." and ".." followed.
    private static func parts(of path: String) -> [Substring] {
        path.split(separator: "/").reduce(into: []) { parts, part in
            if part == ".." {
                _ = parts.popLast()
            } else if part != "." {
                parts.append(part)
            }
        }
    }
}

/// Columns as SARIF counts them, in UTF-16 code units; findings have them in bytes.
struct UTF16Columns {
    private let bytes: [UInt8]
    /// Where each line begins.
    private let starts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(place + 1) }
        self.starts = starts
    }

    /// The column of a byte of a line, both from 1; nil outside the document.
    func column(ofByte column: Int, onLine line: Int) -> Int? {
        guard let range = range(ofLine: line), column >= 1 else { return nil }
        let end = min(range.lowerBound + column - 1, range.upperBound)
        return String(decoding: bytes[range.lowerBound..<end], as: UTF8.self).utf16.count + 1
    }

    /// The column behind the last character of a line.
    func end(ofLine line: Int) -> Int? { range(ofLine: line).flatMap { column(ofByte: $0.count + 1, onLine: line) } }

    private func range(ofLine line: Int) -> Range<Int>? {
        guard starts.indices.contains(line - 1) else { return nil }
        var end = line < starts.count ? starts[line] - 1 : bytes.count
        if end > starts[line - 1], bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return starts[line - 1]..<end
    }
}

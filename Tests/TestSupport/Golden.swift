import Foundation

/// The text of a golden file of the package. With `TIDEMARK_UPDATE_GOLDEN=1` the file is written from `actual` first.
public func golden(_ path: String, actual: String) throws -> String {
    let file = URL(fileURLWithPath: "\(SharedFiles.packageRoot)/\(path)")
    if ProcessInfo.processInfo.environment["TIDEMARK_UPDATE_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try actual.write(to: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: file, encoding: .utf8)
}

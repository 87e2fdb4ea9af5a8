import Foundation

/// The shared files beside the package, which are not part of it: tests that read them are skipped without them.
public enum SharedFiles {
    /// The folder of `TIDEMARK_SHARED`, else `../shared` beside the package; nil where it is not there.
    public static let folder: String? = existing(
        ProcessInfo.processInfo.environment["TIDEMARK_SHARED"] ?? "\(packageRoot)/../shared")

    /// The folder of `TIDEMARK_VECTORS`, else `vectors` of the shared folder; nil where it is not there.
    public static let vectors: String? = existing(
        ProcessInfo.processInfo.environment["TIDEMARK_VECTORS"] ?? folder.map { "\($0)/vectors" })

    /// The package's own folder, links resolved.
    public static let packageRoot: String = {
        var path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { path.deleteLastPathComponent() }
        return path.path
    }()

    /// Paths of the vector files whose names begin and end so, in order of their names.
    public static func vectorFiles(prefix: String, suffix: String = ".jsonl") -> [String] {
        guard let vectors, let names = try? FileManager.default.contentsOfDirectory(atPath: vectors) else { return [] }
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.sorted().map { "\(vectors)/\($0)" }
    }

    private static func existing(_ path: String?) -> String? {
        guard let path else { return nil }
        if FileManager.default.fileExists(atPath: path) { return path }
        print("\(path) is not here: tests that read it are skipped")
        return nil
    }
}

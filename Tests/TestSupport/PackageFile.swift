import Foundation

/// A file of the package, such as a test's vectors.
public enum PackageFile {
    /// Its bytes; the path is relative to the package.
    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(SharedFiles.packageRoot)/\(path)")))
    }
}

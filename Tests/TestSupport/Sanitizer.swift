import Foundation
public import Testing

extension Trait where Self == ConditionTrait {
    /// A simulated day of one actor: the thread sanitizer makes it six times as long and has nothing to find in it. It is run
    /// without; a short form of the same is run with it.
    public static var notUnderSanitizer: Self {
        .disabled(if: getenv("TSAN_OPTIONS") != nil, "a simulated day is run without the sanitizer")
    }
}

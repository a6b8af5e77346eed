  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (call $in_range
      (i32.add
        (local.get $frame)
        (i32.const 168))
      (i32.const 1024))
  )
  (func $condition_1 (param $frame i32) (result i32)
    (local i32)
    (call $in_range
      (i32.add
        (local.get $frame)
        (i32.const 168))
      (if ;; label = @1
        (i32.eqz
          (local.tee 1
            (i32.load offset=128
              (local.get $frame))))
        (then
          (return
            (i32.const 131328))))
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 32)))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_1
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\00\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00")

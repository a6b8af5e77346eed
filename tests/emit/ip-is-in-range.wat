  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (call $in_range
        (i32.add
          (local.get $frame)
          (i32.const 168))
        (i32.const 1024))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
    (if ;; label = @1
      (local.tee 2
        (block (result i32) ;; label = @1
          (call $in_range
            (i32.add
              (local.get $frame)
              (i32.const 168))
            (if ;; label = @2
              (i32.eqz
                (local.tee 2
                  (i32.load offset=128
                    (local.get $frame))))
              (then
                (br 1 (;@1;)
                  (i32.const 131328))))
            (i32.add
              (i32.add
                (local.get 2)
                (local.get $frame))
              (i32.const 32)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\00\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00")
